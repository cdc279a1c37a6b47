"""The compiled loops of the radix engine. Rows are single 64-bit numbers: person, project, cents, from the high bits.

A person's code is first multiplied by an odd constant modulo 2^bits, which is one-to-one and spreads any pattern of
identifiers evenly over the buckets. Only whole numbers are added here, so no order of rows or threads matters.
"""

# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 the types and the flat arguments are numba's
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from abonde.engines.summing import HALF_BITS, ROOTED_BELOW
from abonde.matching import ROOT_BITS, SCALE

SPREAD: Final = 0x9E3779B97F4A7C15
"""2⁶⁴ divided by the golden ratio, made odd (Knuth, The Art of Computer Programming, 6.4)."""

SHORT_RUN: Final = 32
"""Up to here a run is sorted faster by insertion."""

SUMS: Final = 8
"""What is added up for a project fills one line of the processor's cache."""


class Layout(NamedTuple):
    """How a row is packed: bits of each part, the smallest identifiers, and how many high bits choose the bucket."""

    person_bits: int
    project_bits: int
    cents_bits: int
    person_low: int
    project_low: int
    bucket_bits: int


class Limits(NamedTuple):
    """The counting rules, absent ones replaced by numbers that change nothing; `steps` may be empty."""

    count_from: int
    count_up_to: int
    steps: NDArray[np.int64]


@njit(nogil=True, cache=True)
def pack(person, project, cents, eligible, amounts, layout, out, sizes, outside):
    """Pack rows into `out`, counting those of each bucket in `sizes`; what is not eligible goes to `outside`.

    `eligible` may be empty, and so may `amounts`, which otherwise says what the codes in `cents` stand for.
    Returns how many rows were packed, Σ cents of all rows, and whether some value was not as announced.
    """
    person_bits, project_bits, cents_bits = np.uint64(layout[0]), np.uint64(layout[1]), np.uint64(layout[2])
    person_low, project_low = np.uint64(layout[3]), np.uint64(layout[4])
    one, spread = np.uint64(1), np.uint64(SPREAD)
    person_mask, project_mask, cents_mask = (
        (one << person_bits) - one,
        (one << project_bits) - one,
        (one << cents_bits) - one,
    )
    project_shift, person_shift = cents_bits, cents_bits + project_bits
    bucket_shift = person_shift + person_bits - np.uint64(layout[5])
    packed, total, strange = 0, np.int64(0), np.uint64(0)
    for i in range(person.size):
        a = np.uint64(person[i]) - person_low
        b = np.uint64(project[i]) - project_low
        c = np.uint64(cents[i])
        strange |= (a & ~person_mask) | (b & ~project_mask) | (c & ~cents_mask)
        b &= project_mask
        c &= cents_mask
        amount = amounts[c] if amounts.size else np.int64(c)
        strange |= np.uint64(amount == 0)
        total += amount
        if eligible.size and not eligible[i]:
            outside[b] += amount
            continue
        key = ((a * spread) & person_mask) << person_shift | b << project_shift | c
        out[packed] = key
        sizes[key >> bucket_shift] += 1
        packed += 1
    return packed, total, strange != 0


@njit(nogil=True, cache=True)
def scatter(rows, bucket_shift, place, out):
    """Move rows to their buckets; `place` says where the next row of each bucket goes."""
    shift = np.uint64(bucket_shift)
    for row in rows:
        bucket = row >> shift
        out[place[bucket]] = row
        place[bucket] += 1


@njit(nogil=True, cache=True)
def merge(bucket, amounts, layout, scratch, ends, sums):
    """Add up the gifts of each person to each project in one bucket; returns how many such pairs there are.

    Afterwards `bucket` begins with the pairs (person and project, without the cents) and `sums` with their cents.
    The bucket is spread over as many slots as `ends` has, by the next bits of the person, then each slot is sorted.
    """
    cents_bits = np.uint64(layout[2])
    slot_bits = np.uint64(0)
    while (1 << slot_bits) < ends.size - 1:
        slot_bits += np.uint64(1)
    shift = np.uint64(layout[0] + layout[1] + layout[2] - layout[5]) - slot_bits
    mask, cents_mask = np.uint64(ends.size - 2), (np.uint64(1) << cents_bits) - np.uint64(1)
    ends[:] = 0
    for row in bucket:
        ends[((row >> shift) & mask) + np.uint64(1)] += 1
    for slot in range(ends.size - 1):
        ends[slot + 1] += ends[slot]
    for row in bucket:
        slot = (row >> shift) & mask
        scratch[ends[slot]] = row
        ends[slot] += 1
    pairs, start = 0, 0
    for slot in range(ends.size - 1):
        end = ends[slot]
        sort_run(scratch[start:end])
        i = start
        while i < end:
            pair, cents = scratch[i] >> cents_bits, np.int64(0)
            while i < end and scratch[i] >> cents_bits == pair:
                code = scratch[i] & cents_mask
                cents += amounts[code] if amounts.size else np.int64(code)
                i += 1
            bucket[pairs], sums[pairs] = pair, cents
            pairs += 1
        start = end
    return pairs


@njit(nogil=True, cache=True)
def sort_run(run):
    """Sort in place, cheaply where there is little to sort."""
    if run.size > SHORT_RUN:
        run.sort()
        return
    for i in range(1, run.size):
        row, j = run[i], i - 1
        while j >= 0 and run[j] > row:
            run[j + 1] = run[j]
            j -= 1
        run[j + 1] = row


@njit(nogil=True, cache=True)
def count(given, limits):
    """x = count(c): the part of one person's sum for one project (cents) that counts."""
    if given < limits.count_from:
        return np.int64(0)
    counted = min(given, limits.count_up_to)
    if limits.steps.size:
        below = np.int64(0)
        for step in limits.steps:
            if step > counted:
                break
            below = step
        return below
    return counted


@njit(nogil=True, cache=True)
def exact_root(x):
    """r = ⌊√x · S⌋ and the shortfall S²x − r², both exact, for x (cents) below ROOTED_BELOW.

    A double's root is the nearest double, so it can only be rounded up to a whole number, never down across one. In
    64-bit arithmetic that wraps, the shortfall comes out right, being small.
    """
    root = np.int64(np.sqrt(np.float64(x)) * SCALE)
    shortfall = (x << np.int64(2 * ROOT_BITS)) - root * root
    if shortfall < 0:
        return root - 1, shortfall + 2 * root - 1
    return root, shortfall


@njit(nogil=True, cache=True)
def count_buckets(rows, bounds, amounts, layout, limits, scratch, ends, sums, received, found, kept):
    """Merge and count the buckets between `bounds`.

    All money is added up by project in `received`; and in `found`, in turn: the persons with x > 0, Σx, Σr and
    Σ(S²x − r²), the last two as high and low halves.

    Amounts too large for `exact_root` are left, one row `project · 2^(64 − bits) + x` per person, at the start of their
    bucket, whose rows have been used up; `kept` says how many.
    """
    project_mask = (np.uint64(1) << np.uint64(layout[1])) - np.uint64(1)
    amount_bits = np.uint64(64 - layout[1])
    low = np.int64((1 << HALF_BITS) - 1)
    for b in range(bounds.size - 1):
        bucket = rows[bounds[b] : bounds[b + 1]]
        left = 0
        for k in range(merge(bucket, amounts, layout, scratch, ends, sums)):
            project, x = bucket[k] & project_mask, count(sums[k], limits)
            received[project] += sums[k]
            if x == 0:
                continue
            if x >= ROOTED_BELOW:
                bucket[left] = project << amount_bits | np.uint64(x)
                left += 1
                continue
            root, shortfall = exact_root(x)
            own = found[project]
            own[0] += 1
            own[1] += x
            own[2] += root >> HALF_BITS
            own[3] += root & low
            own[4] += shortfall >> HALF_BITS
            own[5] += shortfall & low
        kept[b] = left


@njit(nogil=True, cache=True)
def pair_buckets(rows, bounds, amounts, layout, limits, scratch, ends, sums, received, counted, kept):
    """Merge the buckets between `bounds` and leave at the start of each its pairs with x > 0, x being in `counted`."""
    project_mask = (np.uint64(1) << np.uint64(layout[1])) - np.uint64(1)
    for b in range(bounds.size - 1):
        bucket = rows[bounds[b] : bounds[b + 1]]
        left = 0
        for k in range(merge(bucket, amounts, layout, scratch, ends, sums)):
            x = count(sums[k], limits)
            received[bucket[k] & project_mask] += sums[k]
            if x:
                bucket[left], counted[bounds[b] + left] = bucket[k], x
                left += 1
        kept[b] = left
