"""Numbering the distinct texts of a long column, such as the identifiers of people, exactly and on several threads.

Rows are moved to buckets by a hash of their text; within a bucket a small table in the cache finds the earlier row
with the same text. The hash only says where to look: texts are compared byte by byte.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from abonde.engines.radix.kernel import SPREAD
from abonde.engines.radix.threads import chunks, in_threads, places

# ruff: noqa: ANN001, ANN202, PLR0913, PLR0917 the types and the flat arguments are numba's
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator, assignment"

BUCKET_BITS: Final = 11
BUCKET_SHIFT: Final = 64 - BUCKET_BITS

MOST_ROWS: Final = 1 << 31

_ROW: Final = 0xFFFFFFFF
"""A row number is the low half of a packed row; the high half is its hash, or its number within the bucket."""

_FNV_OFFSET: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3
"""Fowler, Noll and Vo's hash, FNV-1a."""


class _Buckets(NamedTuple):
    """Rows with their texts by bucket: bucket b is `rows[start[b]:start[b + 1]]`, its first text starts at `origin[b]`.

    The text of row k, which starts where that of the row before ends, ends at `ends[k]` in `data`.
    """

    rows: NDArray[np.uint64]
    start: NDArray[np.int64]
    origin: NDArray[np.int64]
    ends: NDArray[np.int64]
    data: NDArray[np.uint8]


def number_texts(column: pa.ChunkedArray[Any], threads: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """A number for the text of every row, the same where the text is the same, and by number a row that has it.

    Numbers go from 0 without gaps, in no particular order. The column has no NULL and less than MOST_ROWS rows.
    """
    buckets = _in_buckets(column, threads)
    rows, start = buckets.rows, buckets.start
    distinct, firsts = np.zeros(len(start) - 1, np.int64), np.empty(len(rows), np.uint32)
    slots = 1 << int(np.diff(start).max(initial=0)).bit_length() + 1

    def number(table: NDArray[np.uint64], here: slice) -> None:
        bounds, origins = start[here.start : here.stop + 1], buckets.origin[here]
        _number(rows, bounds, origins, buckets.ends, buckets.data, table, firsts, distinct[here])

    in_threads(chunks(len(distinct), threads), lambda: np.empty(slots, np.uint64), number, threads)
    base = np.cumsum(distinct) - distinct
    numbers = np.empty(len(rows), np.int32)

    def write(_: None, here: slice) -> None:
        _write(rows, start[here.start : here.stop + 1], base[here], numbers)

    in_threads(chunks(len(distinct), threads), lambda: None, write, threads)
    found = [firsts[first : first + size] for first, size in zip(start[:-1], distinct, strict=True)]
    return numbers, np.concatenate(found)


def _in_buckets(column: pa.ChunkedArray[Any], threads: int) -> _Buckets:
    starts, data = _flat(column)
    runs = chunks(len(starts) - 1, threads)
    hashed = np.empty(len(starts) - 1, np.uint64)
    sizes = np.zeros((2, len(runs), 1 << BUCKET_BITS), np.int64)  # in rows and in bytes

    def take_hash(_: None, run: int) -> None:
        _hash(starts, data, runs[run].start, runs[run].stop, hashed, sizes[0, run], sizes[1, run])

    in_threads(range(len(runs)), lambda: None, take_hash, threads)
    (start, place), (origin, byte_place) = places(sizes[0]), places(sizes[1])
    rows, ends, moved = np.empty_like(hashed), np.empty(len(hashed), np.int64), np.empty_like(data)

    def move(_: None, run: int) -> None:
        here = runs[run]
        _move(starts, data, here.start, here.stop, hashed, place[run], byte_place[run], rows, ends, moved)

    in_threads(range(len(runs)), lambda: None, move, threads)
    return _Buckets(rows, start, origin, ends, moved)


def _flat(column: pa.ChunkedArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The bytes of all texts in a row, and where each starts; ends with where the last one ends."""
    starts, pieces, end = [np.zeros(1, np.int64)], [np.empty(0, np.uint8)], 0
    for chunk in column.chunks:
        _, offsets, data = cast("list[pa.Buffer]", chunk.buffers())
        kind = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
        here = np.frombuffer(memoryview(offsets), kind)[chunk.offset : chunk.offset + len(chunk) + 1].astype(
            np.int64
        )
        starts.append(here[1:] - here[0] + end)
        pieces.append(np.frombuffer(memoryview(data or b""), np.uint8)[here[0] : here[-1]])
        end += int(here[-1] - here[0])
    return np.concatenate(starts), np.concatenate(pieces)


@njit(nogil=True, cache=True)
def _hash(starts, data, first, last, hashed, sizes, byte_sizes):
    low = np.uint64(_ROW)
    for row in range(first, last):
        value = np.uint64(_FNV_OFFSET)
        for byte in data[starts[row] : starts[row + 1]]:
            value = (value ^ np.uint64(byte)) * np.uint64(_FNV_PRIME)
        value = (value ^ (value >> np.uint64(32))) * np.uint64(SPREAD)
        hashed[row] = (value & ~low) | np.uint64(row)
        sizes[value >> np.uint64(BUCKET_SHIFT)] += 1
        byte_sizes[value >> np.uint64(BUCKET_SHIFT)] += starts[row + 1] - starts[row]


@njit(nogil=True, cache=True)
def _move(starts, data, first, last, hashed, place, byte_place, packed, ends, moved):
    """Move rows with their texts to their buckets; `ends` tells where a moved text ends."""
    for row in range(first, last):
        bucket = hashed[row] >> np.uint64(BUCKET_SHIFT)
        at = byte_place[bucket]
        for k in range(starts[row], starts[row + 1]):
            moved[at] = data[k]
            at += 1
        packed[place[bucket]], ends[place[bucket]], byte_place[bucket] = hashed[row], at, at
        place[bucket] += 1


@njit(nogil=True, cache=True)
def _number(packed, bounds, origins, ends, moved, table, firsts, distinct):
    """Number the texts of each bucket from 0; a slot of `table` holds a hash and a number + 1, or 0 where it is free.

    The high half of a packed row, its hash, becomes the number; `firsts` begins with a row by number.
    """
    half, low = np.uint64(32), np.uint64(_ROW)
    for b in range(bounds.size - 1):
        begin, end = bounds[b], bounds[b + 1]
        size = 1
        while size < 2 * (end - begin):
            size *= 2
        slots, mask = table[:size], np.uint64(size - 1)
        slots[:] = 0
        found = 0
        for k in range(begin, end):
            hashed = packed[k] & ~low
            slot = (hashed >> half) & mask
            while True:
                entry = slots[slot]
                number = np.int64(entry & low) - 1
                if entry == 0:
                    number = found
                    firsts[begin + number] = k
                    found += 1
                    slots[slot] = hashed | np.uint64(found)
                    break
                if entry & ~low == hashed and _same(
                    ends, moved, begin, origins[b], k, firsts[begin + number]
                ):
                    break
                slot = (slot + np.uint64(1)) & mask
            packed[k] = np.uint64(number) << half | packed[k] & low
        distinct[b] = found
        for number in range(found):
            firsts[begin + number] = packed[firsts[begin + number]] & low


@njit(nogil=True, cache=True)
def _same(ends, moved, begin, origin, one, other):
    one_start = ends[one - 1] if one > begin else origin
    other_start = ends[other - 1] if other > begin else origin
    size = ends[one] - one_start
    if ends[other] - other_start != size:
        return False
    for k in range(size):  # noqa: SIM110 numba compiles the loop
        if moved[one_start + k] != moved[other_start + k]:
            return False
    return True


@njit(nogil=True, cache=True)
def _write(packed, bounds, base, numbers):
    for b in range(bounds.size - 1):
        for row in packed[bounds[b] : bounds[b + 1]]:
            numbers[row & np.uint64(_ROW)] = base[b] + np.int64(row >> np.uint64(32))
