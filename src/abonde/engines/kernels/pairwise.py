# ruff: noqa: PLR0913, PLR0917 - compiled loops are handed plain arrays
"""The `pairwise` kernel: `abonde.matching.pairwise` for a million people, with the same bits.

    layout = lay_out(matrix, m=m)                              once
    low, high = support_of_block(layout, block)                for each block, on any thread or machine, in any order
    total_support(layout, low, high)                           of the sums over all blocks

The reference says which doubles are computed; their order per pair of people is kept, and since every term is rounded
to an integer before it is added, nothing else matters. No fused multiply-add and no reassociation is allowed.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numba import njit

from abonde.engines.engine import Progress
from abonde.engines.kernels.pairwise_layout import Doubles, Int32s, Int64s, PairwiseLayout, lay_out
from abonde.engines.matrix import SupportMatrix
from abonde.engines.threads import CORES, worker_threads
from abonde.matching import ROOT_BITS, SCALE, Cents

HALF: Final = 32
LOW: Final = (1 << HALF) - 1
HALF_SCALE: Final = float(1 << HALF)

ROUNDER: Final = 1.5 * 2.0**52
"""Added to a double of less than 51 bits, it leaves the nearest integer (ties to even) in the lowest bits."""

ROUNDER_BITS: Final = int(np.float64(ROUNDER).view(np.int64))


def pairwise_support(
    matrix: SupportMatrix, *, m: Cents, threads: int = CORES, progress: Progress | None = None
) -> list[int]:
    """raw[p] in 1/S² cents, by project of the matrix; `m` is M in cents. Equal to `matching.pairwise` bit for bit.

    Raises Refusal where the amounts are too large for the sums.
    """
    layout = lay_out(matrix, m=m)
    low, high = np.zeros((2, len(matrix.projects)), np.int64)
    longest_first = range(layout.blocks - 1, -1, -1)
    with worker_threads(threads) as pool:
        measured = pool.map(partial(support_of_block, layout), longest_first)
        for block, (part_low, part_high) in zip(longest_first, measured, strict=True):
            low += part_low
            high += part_high
            if progress is not None:
                progress(1 - (block / layout.blocks) ** 2)
    return total_support(layout, low, high)


def support_of_block(layout: PairwiseLayout, block: int) -> tuple[Int64s, Int64s]:
    """What the people of a block have in common with those before them and among each other, by column.

    In 2⁻³⁰ cents: `high` · 2³² + `low`, with `low` below 2³², so that the sums over 2³⁰ blocks still fit.
    """
    low, high = np.zeros((2, len(layout.column_of_project)), np.int64)
    first = block * layout.block
    last = min(first + layout.block, len(layout.times))
    _measure(layout, first, last, low, high)
    _measure_alike(layout, first, last, low, high)
    return low, high


def total_support(layout: PairwiseLayout, low: Int64s, high: Int64s) -> list[int]:
    """raw[p] in 1/S² cents, by project, from the sums of what `support_of_block` found."""
    columns = layout.column_of_project
    return [
        ((above << HALF) + below) << ROOT_BITS
        for above, below in zip(high[columns].tolist(), low[columns].tolist(), strict=True)
    ]


@njit(nogil=True, cache=True, error_model="numpy")
def _measure(layout: PairwiseLayout, first: int, last: int, low: Int64s, high: Int64s) -> None:
    """The pairs of each row from first to last (excluded) with the rows before it, tile by tile."""
    # Fields are taken out of the layout once: each look inside it counts references, which threads would fight for.
    m, wide, tiles, run_columns = layout.m, layout.wide, layout.tiles, layout.run_columns
    start, column, root, times = layout.start, layout.column, layout.root, layout.times
    segment, run_segment, run = layout.segment, layout.run_segment, layout.run
    place, member_root, member_times = layout.place, layout.member_root, layout.member_times
    agreement = np.zeros(layout.tile)  # K of one row with the rows of a tile
    terms = np.empty(layout.tile)
    for tile in range((last - 1) // layout.tile + 1):
        for i in range(max(first, tile * layout.tile + 1), last):
            below = min(i - tile * layout.tile, layout.tile)
            entries = range(start[i], start[i + 1])
            alone = not wide and len(entries) == 1  # then K is the very product of roots in the term
            if not alone:
                for e in entries:
                    begin, end, runs = _part(
                        column[e], tile, tiles, run_columns, below, place, segment, run_segment, run
                    )
                    _agree(agreement, begin, end, runs, place, member_root, root[e])
            for e in entries:
                begin, end, runs = _part(
                    column[e], tile, tiles, run_columns, below, place, segment, run_segment, run
                )
                if wide:
                    upper, lower = _sum_wide(
                        agreement,
                        place[begin:end],
                        member_root[begin:end],
                        member_times[begin:end],
                        root[e],
                        m,
                    )
                else:
                    if alone:
                        _round_alone(terms[: end - begin], member_root[begin:end], root[e], m)
                    else:
                        _round(terms, agreement, begin, end, runs, place, member_root, root[e], m)
                    upper, lower = _sum_rounded(terms[: end - begin].view(np.int64), member_times[begin:end])
                _add(low, high, column[e], upper, lower, 2 * times[i])
            if not alone:
                for e in entries:
                    begin, end, runs = _part(
                        column[e], tile, tiles, run_columns, below, place, segment, run_segment, run
                    )
                    _forget(agreement, begin, end, runs, place)


@njit(error_model="numpy", forceinline=True)
def _part(
    column: int,
    tile: int,
    tiles: int,
    run_columns: int,
    below: int,
    place: Int32s,
    segment: Int64s,
    run_segment: Int64s,
    run: Int64s,
) -> tuple[int, int, Int64s]:
    """The members of a column in a tile whose place is before `below`: from, to, and where their runs start, if any."""
    cell = column * tiles + tile
    begin, end = segment[cell], segment[cell + 1]
    if end > begin and place[end - 1] >= below:
        end = _bisect(place, begin, end, below)
    if column < run_columns:
        return begin, end, run[run_segment[cell] : run_segment[cell + 1] + 1]
    return begin, end, run[:0]


@njit(error_model="numpy")
def _bisect(places: Int32s, begin: int, end: int, below: int) -> int:
    while begin < end:
        middle = (begin + end) // 2
        if places[middle] < below:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(error_model="numpy", forceinline=True)
def _agree(
    agreement: Doubles, begin: int, end: int, runs: Int64s, place: Int32s, member_root: Doubles, root: float
) -> None:
    if len(runs) == 0:
        for k in range(begin, end):
            agreement[place[k]] += root * member_root[k]
    for r in range(len(runs) - 1):
        start, stop = runs[r], min(runs[r + 1], end)
        if start >= end:
            break
        at = place[start]
        _add_products(agreement[at : at + stop - start], member_root[start:stop], root)


@njit(error_model="numpy", forceinline=True)
def _round(
    terms: Doubles,
    agreement: Doubles,
    begin: int,
    end: int,
    runs: Int64s,
    place: Int32s,
    member_root: Doubles,
    root: float,
    m: float,
) -> None:
    if len(runs) == 0:
        for k in range(begin, end):
            terms[k - begin] = _term(root, member_root[k], agreement[place[k]], m) + ROUNDER
    for r in range(len(runs) - 1):
        start, stop = runs[r], min(runs[r + 1], end)
        if start >= end:
            break
        at, size = place[start], stop - start
        into = terms[start - begin : stop - begin]
        _round_run(into, agreement[at : at + size], member_root[start:stop], root, m)


@njit(error_model="numpy", forceinline=True)
def _forget(agreement: Doubles, begin: int, end: int, runs: Int64s, place: Int32s) -> None:
    if len(runs) == 0:
        for k in range(begin, end):
            agreement[place[k]] = 0.0
    for r in range(len(runs) - 1):
        start, stop = runs[r], min(runs[r + 1], end)
        if start >= end:
            break
        agreement[place[start] : place[start] + stop - start] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _measure_alike(layout: PairwiseLayout, first: int, last: int, low: Int64s, high: Int64s) -> None:
    """The pairs among the people who have one and the same ballot, for each row from first to last (excluded)."""
    for i in range(first, last):
        others = layout.times[i] - 1
        if others:
            entries = range(layout.start[i], layout.start[i + 1])
            agreement = 0.0
            for e in entries:
                agreement += layout.root[e] * layout.root[e]
            for e in entries:
                upper, lower = _halves(_term(layout.root[e], layout.root[e], agreement, layout.m))
                _add(low, high, layout.column[e], upper * others, lower * others, layout.times[i])


@njit(error_model="numpy")
def _sum_wide(
    agreement: Doubles, places: Int32s, roots: Doubles, times: Int32s, root: float, m: float
) -> tuple[int, int]:
    upper, lower = 0, 0
    for k in range(len(places)):
        above, below = _halves(_term(root, roots[k], agreement[places[k]], m))
        upper += above * times[k]
        lower += below * times[k]
    return upper, lower


# The loops that take nearly all the time. They are functions of their own, over slices, so that they are vectorised.


@njit(error_model="numpy")
def _add_products(agreement: Doubles, roots: Doubles, root: float) -> None:
    for k in range(len(agreement)):
        agreement[k] += root * roots[k]


@njit(error_model="numpy")
def _round_run(terms: Doubles, agreement: Doubles, roots: Doubles, root: float, m: float) -> None:
    for k in range(len(terms)):
        terms[k] = _term(root, roots[k], agreement[k], m) + ROUNDER


@njit(error_model="numpy")
def _round_alone(terms: Doubles, roots: Doubles, root: float, m: float) -> None:
    for k in range(len(terms)):
        terms[k] = _term(root, roots[k], root * roots[k], m) + ROUNDER


@njit(error_model="numpy")
def _sum_rounded(bits: Int64s, times: Int32s) -> tuple[int, int]:
    total = 0
    for k in range(len(bits)):
        total += (bits[k] - ROUNDER_BITS) * times[k]
    return total >> HALF, total & LOW


@njit(error_model="numpy", forceinline=True)
def _term(root: float, other: float, agreement: float, m: float) -> float:
    return root * other * (m * SCALE) / (m + agreement)


@njit(error_model="numpy")
def _halves(term: float) -> tuple[np.int64, np.int64]:
    """The term rounded to an integer (ties to even), as multiples of 2³² and the rest: exact for any double."""
    rounded = np.rint(term)
    above = np.floor(rounded / HALF_SCALE)
    return np.int64(above), np.int64(rounded - above * HALF_SCALE)


@njit(error_model="numpy")
def _add(low: Int64s, high: Int64s, column: int, upper: int, lower: int, times: int) -> None:
    """Add (upper · 2³² + lower) · times, and carry."""
    total = low[column] + (lower & LOW) * times
    high[column] += (upper + (lower >> HALF)) * times + (total >> HALF)
    low[column] = total & LOW
