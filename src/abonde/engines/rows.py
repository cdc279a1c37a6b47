"""Counting rows that are in memory already, such as a database gives them: the engines' sums and kernels, without a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from abonde.engines.engine import Progress
from abonde.engines.linking import LINKED, linked_tallies, support_matrix
from abonde.engines.matrix import SupportMatrix
from abonde.engines.summing import Histogram, cells, tallies
from abonde.matching import LARGEST_GIFT, Counting, Groups, ProjectTally, Refusal, Rules

Integers = NDArray[np.int64]

MOST_MONEY: Final = 1 << 62
"""In cents. Below it no sum of a round overflows 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftRows:
    """Settled gifts as columns: `cents[k]` of the person numbered `person[k]` for `projects[project[k]]`.

    Persons are numbers from 0 on; `eligible[k]` is false where the gift may not be matched. Rows come in any order,
    and a person may have several for one project.
    """

    projects: Sequence[str]
    person: Integers
    project: Integers
    cents: Integers
    eligible: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRows:
    """What counts of the rows: who supports what, the number of the person of each row of that matrix, and all money.

    `received` is in cents, by project that received something.
    """

    matrix: SupportMatrix
    persons: Integers
    received: Mapping[str, int]

    def supporters(self, projects: Collection[str]) -> int:
        """How many persons have something that counts on one of these projects, each person once."""
        wanted = np.array([key in projects for key in self.matrix.projects], np.bool_)
        row = np.repeat(np.arange(len(self.persons)), np.diff(self.matrix.start))
        return len(np.unique(row[wanted[self.matrix.project]])) if wanted.size else 0


def count_rows(gifts: GiftRows, counting: Counting) -> CountedRows:
    """Add up the gifts of each person to each project, and count them. Raises Refusal for amounts that no gift has."""
    _check(gifts)
    size = max(len(gifts.projects), 1)
    received = np.zeros(size, np.int64)
    np.add.at(received, gifts.project, gifts.cents)
    may = gifts.eligible
    pairs, place = np.unique(gifts.person[may] * size + gifts.project[may], return_inverse=True)
    given = np.zeros(len(pairs), np.int64)
    np.add.at(given, place, gifts.cents[may])
    amount = count_all(given, counting)
    pairs, amount = pairs[amount > 0], amount[amount > 0]
    person = pairs // size
    return CountedRows(
        matrix=support_matrix(gifts.projects, person, pairs % size, amount),
        persons=np.unique(person),
        received={key: cents for key, cents in zip(gifts.projects, received.tolist(), strict=False) if cents},
    )


def tally_rows(  # noqa: PLR0913
    counted: CountedRows,
    rules: Rules,
    *,
    persons: Sequence[str] = (),
    groups: Groups | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> dict[str, ProjectTally]:
    """The tally by project, in the byte order of the keys: equal to `tally_gifts` on the same rows.

    `persons` names the persons by their number, for `groups`.
    """
    matrix, received = counted.matrix, counted.received
    money = {key: received.get(key, 0) for key in matrix.projects}
    if rules.mechanism in LINKED:
        found = linked_tallies(
            matrix,
            money,
            rules,
            persons=lambda: [persons[person] for person in counted.persons.tolist()],
            groups=groups,
            threads=threads,
            progress=progress,
        )
    else:
        project, amount, times = cells(matrix.project, matrix.amount)
        histogram = Histogram(
            projects=matrix.projects,
            received=list(money.values()),
            project=project,
            amount=amount,
            persons=times,
        )
        found = tallies(histogram)
    return {key: tally for key, tally in found.items() if key in received}


def count_all(given: Integers, counting: Counting) -> Integers:
    """x = count(c) for each sum of one person to one project (cents)."""
    counted = given if counting.count_up_to is None else np.minimum(given, counting.count_up_to)
    if counting.steps is not None:
        steps = np.array([0, *counting.steps], np.int64)
        counted = steps[np.searchsorted(steps, counted, side="right") - 1]
    return counted if counting.count_from is None else np.where(given < counting.count_from, 0, counted)


def _check(gifts: GiftRows) -> None:
    if gifts.cents.size and not 0 < gifts.cents.min() <= gifts.cents.max() <= LARGEST_GIFT:
        raise Refusal(
            "A gift is of {cents} cents; a gift is between 1 and {largest} cents.",
            cents=int(gifts.cents.min() if gifts.cents.min() <= 0 else gifts.cents.max()),
            largest=LARGEST_GIFT,
        )
    if float(gifts.cents.sum(dtype=np.float64)) >= MOST_MONEY:
        raise Refusal("The gifts are of more money than can be; check the amounts.")
