"""From a Parquet dataset to buckets of packed rows, each bucket with all gifts of its persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyarrow import types

from abonde.engines.engine import GiftFile, Progress
from abonde.engines.files.gift_file import parquet_parts, parquet_schema
from abonde.engines.radix import kernel
from abonde.engines.radix.columns import (
    Column,
    Encoded,
    Ranged,
    RowGroup,
    Unfit,
    encoded,
    ranged,
    read,
    row_groups,
)
from abonde.engines.radix.texts import MOST_ROWS
from abonde.engines.radix.threads import in_threads, places
from abonde.matching import LARGEST_GIFT, Refusal

Integers = NDArray[np.int64]

BITS: Final = 64
BUCKET_BITS: Final = 11
MOST_RANGED_PROJECTS: Final = 1 << 20

UNLIMITED: Final = 1 << 62
"""In cents. A file with more in all is refused, so that no sum can overflow 64 bits."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a file are packed."""

    gifts: GiftFile
    groups: Sequence[RowGroup]
    person: Column
    project: Column
    cents: Column
    threads: int

    @property
    def layout(self) -> kernel.Layout:
        return kernel.Layout(
            self.person.bits,
            self.project.bits,
            self.cents.bits,
            _signed(self.person.low),
            _signed(self.project.low),
            min(BUCKET_BITS, self.person.bits),
        )

    @property
    def amounts(self) -> Integers:
        """What the codes of `cents` stand for; empty where they are the cents themselves."""
        if isinstance(self.cents, Encoded):
            return self.cents.values.to_numpy().astype(np.int64)
        return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Buckets:
    """Packed rows by bucket: bucket b is `rows[start[b]:start[b + 1]]`.

    `outside` is the money that was not eligible, by project code, and `total` all money, in cents.
    """

    rows: NDArray[np.uint64]
    start: Integers
    outside: Integers
    total: int


def plan_rows(gifts: GiftFile, threads: int, *, labelled: bool) -> Plan:
    """Choose codes of so few bits that a row fits in 64; those of people can be turned back if they are `labelled`.

    Raises Unfit for rows that cannot be used.
    """
    parts = parquet_parts(gifts.path)
    groups, schema = row_groups(parts), parquet_schema(parts[0])

    def whole(name: str) -> bool:
        return types.is_integer(schema.field(name).type)

    if sum(group.rows for group in groups) >= MOST_ROWS:
        raise Refusal("{file} has too many rows for one machine; use the spark engine.", file=gifts.path)
    amounts = ranged(groups, gifts.cents, low=0)
    if amounts.least < 1 or amounts.high > LARGEST_GIFT:
        raise Unfit
    cents: Column = amounts
    encode_person = partial(encoded, parts, gifts.person, threads=threads, labelled=labelled)
    encode_project = partial(encoded, parts, gifts.project, threads=threads, few=True)
    person: Column = ranged(groups, gifts.person) if whole(gifts.person) else encode_person()
    project: Column = ranged(groups, gifts.project) if whole(gifts.project) else encode_project()
    if isinstance(project, Ranged) and project.high - project.low >= MOST_RANGED_PROJECTS:
        project = encode_project()
    if isinstance(person, Ranged) and person.bits + project.bits + cents.bits > BITS:
        person = encode_person()
    if person.bits + project.bits + cents.bits > BITS:
        cents = encoded(parts, gifts.cents, threads=threads)
    if person.bits + project.bits + cents.bits > BITS:
        raise Refusal(
            "{file} has too many people, projects and amounts for 64 bits a row; use the duckdb engine.",
            file=gifts.path,
        )
    return Plan(gifts, groups, person, project, cents, threads)


def _signed(value: int) -> int:
    """The same 64 bits as a signed number, for uint64 columns; differences of the two come out alike."""
    return value - (1 << BITS) if value >= 1 << (BITS - 1) else value


def fill_buckets(plan: Plan, progress: Progress) -> Buckets:
    """All eligible rows, packed and moved to the buckets of their persons. Raises Unfit."""
    layout = plan.layout
    sizes = np.zeros((len(plan.groups), 1 << layout.bucket_bits), np.int64)
    packed = np.empty(sum(group.rows for group in plan.groups), np.uint64)
    outside, total = _pack(plan, packed, sizes, lambda part: progress(part * 0.5))
    if total >= UNLIMITED:
        raise Refusal(
            "{file} holds {cents} cents in all, more than can be; check the amounts.",
            file=plan.gifts.path,
            cents=total,
        )
    start, place = places(sizes)
    rows = np.empty(start[-1], np.uint64)
    shift = layout.person_bits + layout.project_bits + layout.cents_bits - layout.bucket_bits

    def scatter(_: None, number: int) -> None:
        first = plan.groups[number].first
        kernel.scatter(packed[first : first + sizes[number].sum()], shift, place[number], rows)

    in_threads(
        range(len(plan.groups)), lambda: None, scatter, plan.threads, lambda part: progress(0.5 + part * 0.2)
    )
    return Buckets(rows, start, outside, total)


def _pack(
    plan: Plan, packed: NDArray[np.uint64], sizes: Integers, progress: Progress
) -> tuple[Integers, int]:
    layout, amounts = plan.layout, plan.amounts
    totals = [0] * len(plan.groups)

    def pack(outside: Integers, number: int) -> None:
        at = plan.groups[number].first
        columns = (plan.person, plan.project, plan.cents)
        for (person, project, cents), eligible in read(plan.groups[number], columns, plan.gifts.eligible):
            rows, total, strange = kernel.pack(
                person, project, cents, eligible, amounts, layout, packed[at:], sizes[number], outside
            )
            if strange:
                raise Unfit
            at += rows
            totals[number] += int(total)

    nothing = np.zeros(1 << layout.project_bits, np.int64)
    outside = in_threads(range(len(plan.groups)), nothing.copy, pack, plan.threads, progress)
    return sum(outside, nothing), sum(totals)
