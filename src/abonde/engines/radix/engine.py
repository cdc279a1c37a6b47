"""The radix engine: Parquet, tens to hundreds of millions of rows on one machine.

Every row is packed into 64 bits and moved to the bucket of its person; a bucket fits in the processor's cache, where
the gifts of each person to each project are added up and counted. Two passes over 8 bytes per row, no hash table.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from abonde.engines.engine import FileFormat, GiftFile, Progress
from abonde.engines.files.reading import read_gifts
from abonde.engines.linking import LINKED, linked_tallies, support_matrix
from abonde.engines.radix import kernel
from abonde.engines.radix.columns import Unfit
from abonde.engines.radix.rows import BITS, UNLIMITED, Buckets, Integers, Plan, fill_buckets, plan_rows
from abonde.engines.radix.threads import chunks, in_threads, silent
from abonde.engines.summing import HALF_BITS, Histogram, Sums, joined, tallies_of
from abonde.matching import Counting, Groups, ProjectTally, Refusal, Rules

_Kernel = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RadixEngine:
    """`threads` is the number of cores by default."""

    threads: int | None = None
    name = "radix"

    def tally(
        self, gifts: GiftFile, rules: Rules, *, groups: Groups | None = None, progress: Progress | None = None
    ) -> dict[str, ProjectTally]:
        if gifts.format is not FileFormat.PARQUET:
            raise Refusal(
                "{file} is CSV; the radix engine reads Parquet, use the duckdb engine.", file=gifts.path
            )
        try:
            plan = plan_rows(gifts, self.threads or os.cpu_count() or 1, labelled=groups is not None)
            buckets = fill_buckets(plan, progress or silent)
        except (Unfit, pa.ArrowInvalid, OSError):
            for _ in read_gifts(gifts):
                pass  # raises the sentences
            raise Refusal(
                "{file}: its statistics promise other values than its rows hold; write the file again.",
                file=gifts.path,
            ) from None
        _check_room(plan, buckets.total, rules.counting)
        if rules.mechanism in LINKED:
            return _linked(plan, buckets, rules, groups, progress)
        return tallies_of(_sums(plan, buckets, rules.counting, progress or silent))


def _check_room(plan: Plan, total: int, counting: Counting) -> None:
    """A counted amount must fit in one word beside its project."""
    most = min(total, counting.count_up_to or total)
    if most.bit_length() + plan.project.bits > BITS:
        raise Refusal("{file} holds too much money for 64 bits; use the duckdb engine.", file=plan.gifts.path)


def _count(  # noqa: PLR0913
    plan: Plan,
    buckets: Buckets,
    counting: Counting,
    *,
    run: _Kernel,
    result: Callable[[], Integers],
    progress: Progress,
) -> tuple[Integers, list[Integers], Integers]:
    """Run a kernel over all buckets, on every thread into a `result` of its own.

    Returns the money received by project code, the results, and how many rows the kernel kept in each bucket.
    """
    layout, amounts = plan.layout, plan.amounts
    limits = kernel.Limits(
        counting.count_from or 1, counting.count_up_to or UNLIMITED, np.array(counting.steps or (), np.int64)
    )
    kept = np.zeros(len(buckets.start) - 1, np.int64)
    largest = int(np.diff(buckets.start).max(initial=0))
    slots = 1 << min(layout.person_bits - layout.bucket_bits, largest.bit_length())

    def start() -> tuple[tuple[NDArray[Any], ...], Integers, Integers]:
        scratch = np.empty(largest, np.uint64), np.empty(slots + 1, np.int64), np.empty(largest, np.int64)
        return scratch, np.zeros(1 << layout.project_bits, np.int64), result()

    def count(state: tuple[tuple[NDArray[Any], ...], Integers, Integers], here: slice) -> None:
        scratch, received, found = state
        bounds = buckets.start[here.start : here.stop + 1]
        run(buckets.rows, bounds, amounts, layout, limits, *scratch, received, found, kept[here])

    states = in_threads(
        chunks(len(kept), plan.threads), start, count, plan.threads, lambda part: progress(0.7 + part * 0.3)
    )
    return sum((state[1] for state in states), buckets.outside), [state[2] for state in states], kept


def _sums(plan: Plan, buckets: Buckets, counting: Counting, progress: Progress) -> Sums:
    shape = (1 << plan.project.bits, kernel.SUMS)
    received, found, kept = _count(
        plan,
        buckets,
        counting,
        run=kernel.count_buckets,
        result=lambda: np.zeros(shape, np.int64),
        progress=progress,
    )
    here, code = _codes(received)
    persons, counted, *halves = sum(found, np.zeros(shape, np.int64))[here].T.tolist()[:6]
    roots, shortfalls = (
        [(high << HALF_BITS) + low for high, low in zip(*halves[first : first + 2], strict=True)]
        for first in (0, 2)
    )
    projects, money = plan.project.labels(here.tolist()), received[here].tolist()
    large = _kept(buckets.rows, buckets.start, kept)
    amount_bits = np.uint64(BITS - plan.project.bits)
    return joined(
        Sums(
            projects=projects,
            received=money,
            persons=persons,
            counted=counted,
            roots=roots,
            shortfalls=shortfalls,
        ),
        Histogram(
            projects=projects,
            received=money,
            project=code[(large >> amount_bits).astype(np.int64)],
            amount=(large & ((np.uint64(1) << amount_bits) - np.uint64(1))).astype(np.int64),
            persons=np.ones(len(large), np.int64),
        ),
    )


def _linked(
    plan: Plan, buckets: Buckets, rules: Rules, groups: Groups | None, progress: Progress | None
) -> dict[str, ProjectTally]:
    counted = np.empty(len(buckets.rows), np.int64)
    received, _, kept = _count(
        plan, buckets, rules.counting, run=kernel.pair_buckets, result=lambda: counted, progress=silent
    )
    pairs = _kept(buckets.rows, buckets.start, kept).astype(np.int64)
    person, project = pairs >> plan.project.bits, pairs & ((1 << plan.project.bits) - 1)
    here, code = _codes(received)
    projects = plan.project.labels(here.tolist())

    def persons() -> list[str]:
        modulus = 1 << plan.person.bits
        back = pow(kernel.SPREAD, -1, modulus)
        return plan.person.labels([spread * back % modulus for spread in np.unique(person).tolist()])

    return linked_tallies(
        support_matrix(projects, person, code[project], _kept(counted, buckets.start, kept)),
        dict(zip(projects, received[here].tolist(), strict=True)),
        rules,
        persons=persons,
        groups=groups,
        threads=plan.threads,
        progress=progress,
    )


def _codes(received: Integers) -> tuple[Integers, Integers]:
    """The project codes that occur, and by code their new place among these."""
    here = np.flatnonzero(received)
    code = np.zeros(len(received), np.int64)
    code[here] = np.arange(len(here))
    return here, code


def _kept(values: NDArray[Any], start: Integers, kept: Integers) -> NDArray[Any]:
    """The first `kept` values of each bucket."""
    return np.concatenate(
        [values[first : first + size] for first, size in zip(start[:-1], kept, strict=True)]
    )
