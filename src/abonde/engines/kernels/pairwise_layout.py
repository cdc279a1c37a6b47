# ruff: noqa: PLR0913, PLR0917 - compiled loops are handed plain arrays
"""How `pairwise` lays the people out, so that most of its work runs along consecutive numbers.

- People with the same ballot are measured once, and counted as often as there are of them.
- Projects are columns in falling order of popularity. Where two ballots share one of the first columns, the rows are
  made neighbours (rows follow the Gray code of the set of first columns that they support), so that the supporters
  of a popular project are a few long runs of consecutive rows.
- Rows are cut into tiles whose agreement with one person, K, stays in the cache nearest to the processor.

None of this touches the result. Within a row the columns keep the order of the project keys: K is added in it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from abonde.engines.matrix import SupportMatrix
from abonde.matching import Cents, Refusal

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Doubles = NDArray[np.float64]

TILE: Final = 4096
BLOCK: Final = 512
RUN_COLUMNS: Final = 16
"""Rows of a tile, rows of a block (the unit of work), columns kept in runs: as measured, and free to change."""

NARROW_BELOW: Final = 1 << 21
"""Below so many cents a term has less than 51 bits, and adding 1.5 · 2⁵² to it rounds it."""

MOST_PEOPLE: Final = 1 << 28


class PairwiseLayout(NamedTuple):
    """Everything that `support_of_block` needs, read only: arrays that can be sent to another machine.

    Row i supports `column[start[i]:start[i+1]]` with `root[…]` (√cents) and stands for `times[i]` people.
    Column c lists its rows as members; those in tile t are at `segment[c * tiles + t]` and on, before the next segment,
    in rising order of their `place` in the tile, with their `member_root` and `member_times`. For the first
    `run_columns` columns, the runs of neighbouring rows among them are at `run_segment[c * tiles + t]` and on; run r is
    the members from `run[r]` to before `run[r + 1]`.
    `wide` where terms or their sums over a tile do not fit in 62 bits. `m` is M in cents.
    """

    m: float
    wide: bool
    tile: int
    tiles: int
    block: int
    run_columns: int
    column_of_project: Int64s
    start: Int64s
    column: Int32s
    root: Doubles
    times: Int64s
    segment: Int64s
    place: Int32s
    member_root: Doubles
    member_times: Int32s
    run_segment: Int64s
    run: Int64s

    @property
    def blocks(self) -> int:
        """How many blocks of rows there are; the work of a block grows with its number."""
        return -(-len(self.times) // self.block)


def lay_out(
    matrix: SupportMatrix, *, m: Cents, tile: int = TILE, block: int = BLOCK, run_columns: int = RUN_COLUMNS
) -> PairwiseLayout:
    """The layout of a support matrix for `m` (M in cents). Raises Refusal where the sums could reach 2⁶³ cents."""
    columns = len(matrix.projects)
    run_columns = min(run_columns, columns)
    popular = np.argsort(-np.bincount(matrix.project, minlength=columns), kind="stable")
    column_of_project = np.empty(columns, np.int64)
    column_of_project[popular] = np.arange(columns)
    row, times = distinct_rows(matrix.start, matrix.project, matrix.amount)
    ordered = np.argsort(
        _gray_rank(row, matrix.start, matrix.project, column_of_project, run_columns), kind="stable"
    )
    row, times = row[ordered], times[ordered]
    tiles = -(-len(row) // tile)
    start, column, root = _rows(row, matrix.start, matrix.project, np.sqrt(matrix.amount), column_of_project)
    segment, place, member_root, member_times = _columns(start, column, root, times, tile, tiles, columns)
    run_segment, run = _runs(segment, place, tiles, run_columns)
    roots = np.bincount(column, weights=root * np.repeat(times, np.diff(start)), minlength=columns)
    return PairwiseLayout(
        m=float(m),
        wide=_needs_wide(matrix, m, times, roots, tile),
        tile=tile,
        tiles=tiles,
        block=block,
        run_columns=run_columns,
        column_of_project=column_of_project,
        start=start,
        column=column,
        root=root,
        times=times,
        segment=segment,
        place=place,
        member_root=member_root,
        member_times=member_times,
        run_segment=run_segment,
        run=run,
    )


def _needs_wide(matrix: SupportMatrix, m: int, times: Int64s, roots: NDArray[Any], tile: int) -> bool:
    """Whether 62 bits are too few for a sum over a tile. `roots` is Σ√x by column (√cents).

    A term is at most min(x, M) cents, since K ≥ √x_i·√x_j. A project's whole sum, at most the smaller of (Σ√x)² and
    M · people², is kept in halves of 32 and 63 bits and refused where that is too little.
    """
    people, largest = int(times.sum()), min(int(matrix.amount.max(initial=0)), int(m))
    if people >= MOST_PEOPLE or min(float(roots.max(initial=0.0)) ** 2, float(m) * people**2) >= 2.0**63:
        raise Refusal(
            "{people} people with gifts of up to {cents} cents are more than pairwise support can be measured for; check the amounts.",
            people=people,
            cents=int(matrix.amount.max(initial=0)),
        )
    in_tile = int(np.add.reduceat(times, np.arange(0, len(times), tile)).max()) if len(times) else 0
    return largest >= NARROW_BELOW or (largest << 30) * in_tile >= 1 << 62


def distinct_rows(start: Int64s, project: Int32s, amount: Int64s) -> tuple[Int64s, Int64s]:
    """One row of each kind, and how many there are of it; a kind may come twice, in parts.

    Rows are brought together by a hash and then compared entry by entry, so that a collision can only part a kind.
    """
    order = np.argsort(_hashes(start, project, amount), kind="stable")
    firsts = np.flatnonzero(_differs_from_previous(order, start, project, amount))
    return order[firsts], np.diff(firsts, append=len(order))


@njit(cache=True)
def _hashes(start: Int64s, project: Int32s, amount: Int64s) -> NDArray[np.uint64]:
    hashes = np.zeros(len(start) - 1, np.uint64)
    for i in range(len(hashes)):
        mixed = np.uint64(0)
        for entry in range(start[i], start[i + 1]):
            mixed ^= np.uint64(amount[entry]) ^ (np.uint64(project[entry]) << np.uint64(40))
            mixed *= np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        hashes[i] = mixed
    return hashes


@njit(cache=True)
def _differs_from_previous(
    order: Int64s, start: Int64s, project: Int32s, amount: Int64s
) -> NDArray[np.bool_]:
    differs = np.ones(len(order), np.bool_)
    for k in range(1, len(order)):
        one, other = start[order[k - 1]], start[order[k]]
        length = start[order[k] + 1] - other
        if start[order[k - 1] + 1] - one == length:
            differs[k] = False
            for offset in range(length):
                if (
                    project[one + offset] != project[other + offset]
                    or amount[one + offset] != amount[other + offset]
                ):
                    differs[k] = True
                    break
    return differs


@njit(cache=True)
def _gray_rank(
    row: Int64s, start: Int64s, project: Int32s, column_of_project: Int64s, run_columns: int
) -> NDArray[np.uint64]:
    """Where each row's set of first columns stands in a Gray code, in which neighbours differ in one column."""
    ranks = np.zeros(len(row), np.uint64)
    for i in range(len(row)):
        code = np.uint64(0)
        for entry in range(start[row[i]], start[row[i] + 1]):
            column = column_of_project[project[entry]]
            if column < run_columns:
                code |= np.uint64(1) << np.uint64(run_columns - 1 - column)
        for shift in (1, 2, 4, 8, 16, 32):
            code ^= code >> np.uint64(shift)
        ranks[i] = code
    return ranks


@njit(cache=True)
def _rows(
    row: Int64s, start: Int64s, project: Int32s, root: Doubles, column_of_project: Int64s
) -> tuple[Int64s, Int32s, Doubles]:
    new_start = np.zeros(len(row) + 1, np.int64)
    for i in range(len(row)):
        new_start[i + 1] = new_start[i] + start[row[i] + 1] - start[row[i]]
    column, new_root = np.empty(new_start[-1], np.int32), np.empty(new_start[-1])
    for i in range(len(row)):
        for offset in range(new_start[i + 1] - new_start[i]):
            column[new_start[i] + offset] = column_of_project[project[start[row[i]] + offset]]
            new_root[new_start[i] + offset] = root[start[row[i]] + offset]
    return new_start, column, new_root


@njit(cache=True)
def _columns(
    start: Int64s, column: Int32s, root: Doubles, times: Int64s, tile: int, tiles: int, columns: int
) -> tuple[Int64s, Int32s, Doubles, Int32s]:
    segment = np.zeros(columns * tiles + 1, np.int64)
    for i in range(len(times)):
        for entry in range(start[i], start[i + 1]):
            segment[column[entry] * tiles + i // tile + 1] += 1
    for cell in range(columns * tiles):
        segment[cell + 1] += segment[cell]
    free = segment[:-1].copy()
    place = np.empty(len(column), np.int32)
    member_root = np.empty(len(column))
    member_times = np.empty(len(column), np.int32)
    for i in range(len(times)):
        for entry in range(start[i], start[i + 1]):
            cell = column[entry] * tiles + i // tile
            place[free[cell]] = i % tile
            member_root[free[cell]] = root[entry]
            member_times[free[cell]] = times[i]
            free[cell] += 1
    return segment, place, member_root, member_times


@njit(cache=True)
def _runs(segment: Int64s, place: Int32s, tiles: int, run_columns: int) -> tuple[Int64s, Int64s]:
    cells = run_columns * tiles
    run_segment = np.zeros(cells + 1, np.int64)
    run = np.empty(segment[cells] + 1, np.int64)
    runs = 0
    for cell in range(cells):
        for k in range(segment[cell], segment[cell + 1]):
            if k == segment[cell] or place[k] != place[k - 1] + 1:
                run[runs] = k
                runs += 1
        run_segment[cell + 1] = runs
    run[runs] = segment[cells]
    return run_segment, run[: runs + 1].copy()
