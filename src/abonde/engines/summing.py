"""From the histogram that an engine counted to the tally of each project: the integers of `tally_project`, vectorised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from abonde.matching import ROOT_BITS, SCALE, UNIT, Cents, ProjectTally, Refusal, root

Integers = NDArray[np.int64]

MOST_PERSONS: Final = 1 << 32
LARGEST_COUNTED: Final = 1 << 56
"""Beyond these (cents, for the second) the sums below would not fit; no round comes near."""

ROOTED_BELOW: Final = 1 << 44
"""Below it (cents) √x · S stays under 2⁵², where a double is off by one step at most, and the rest fits in 64 bits."""

HALF_BITS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """n[p, x]: on project `projects[project[k]]`, `persons[k]` people have the counted amount `amount[k]` > 0 (cents).

    A cell may come in several pieces. `received` is all money by project (cents).
    """

    projects: Sequence[str]
    received: Sequence[int]
    project: Integers
    amount: Integers
    persons: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """By project: the money `received` and what is `counted` of it (cents), over so many `persons` whose x is above 0.

    `roots` is Σr, in 1/S, and `shortfalls` is Σ(S²x − r²), in 1/S² cents: small, where Σr² is not.
    """

    projects: Sequence[str]
    received: Sequence[int]
    persons: Sequence[int]
    counted: Sequence[int]
    roots: Sequence[int]
    shortfalls: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """`persons[k]` people who support project `project[k]` support `supported[k]` projects in all (for `heads`)."""

    project: Integers
    supported: Integers
    persons: Integers


def cells(project: NDArray[np.integer], value: NDArray[np.integer]) -> tuple[Integers, Integers, Integers]:
    """The distinct pairs of project code and value, and how often each occurs."""
    span = int(value.max(initial=0)) + 1
    if int(project.max(initial=0) + 1) * span >= 1 << 63:
        pairs, counts = np.unique(np.stack([project, value]).astype(np.int64), axis=1, return_counts=True)
        return pairs[0], pairs[1], counts
    keys, counts = np.unique(project.astype(np.int64) * span + value, return_counts=True)
    return keys // span, keys % span, counts


def tallies(
    histogram: Histogram, *, voices: Voices | None = None, linked: Mapping[str, int] | None = None
) -> dict[str, ProjectTally]:
    """The tally by project, in the byte order of the keys; every project of the histogram has received something."""
    return tallies_of(summed(histogram), voices=voices, linked=linked)


def summed(histogram: Histogram) -> Sums:
    """The sums of the cells. Raises Refusal for more than can be added up."""
    size, project, persons = len(histogram.projects), histogram.project, histogram.persons
    if int(persons.sum()) >= MOST_PERSONS or int(histogram.amount.max(initial=0)) >= LARGEST_COUNTED:
        raise Refusal(
            "The gifts count {persons} persons and up to {cents} cents of one person; no round has so much. Check the amounts.",
            persons=int(persons.sum()),
            cents=int(histogram.amount.max(initial=0)),
        )
    roots, shortfalls = exact_roots(histogram.amount)
    return Sums(
        projects=histogram.projects,
        received=histogram.received,
        persons=sums(project, np.ones_like(persons), persons, size),
        counted=sums(project, histogram.amount, persons, size),
        roots=sums(project, roots, persons, size),
        shortfalls=sums(project, shortfalls, persons, size),
    )


def joined(found: Sums, others: Histogram) -> Sums:
    """The sums of `found` and of the cells of `others`, of the same projects; the money received is in `found`."""
    rest = summed(others)

    def both(one: Sequence[int], other: Sequence[int]) -> list[int]:
        return [a + b for a, b in zip(one, other, strict=True)]

    return Sums(
        projects=found.projects,
        received=found.received,
        persons=both(found.persons, rest.persons),
        counted=both(found.counted, rest.counted),
        roots=both(found.roots, rest.roots),
        shortfalls=both(found.shortfalls, rest.shortfalls),
    )


def tallies_of(
    found: Sums, *, voices: Voices | None = None, linked: Mapping[str, int] | None = None
) -> dict[str, ProjectTally]:
    """The tally by project, in the byte order of the keys."""
    size = len(found.projects)
    spoken = (
        [0] * size if voices is None else sums(voices.project, UNIT // voices.supported, voices.persons, size)
    )
    linked = linked or {}
    return {
        key: ProjectTally(
            received=Cents(found.received[code]),
            persons=found.persons[code],
            counted=Cents(found.counted[code]),
            roots=found.roots[code],
            squares=found.counted[code] * UNIT - found.shortfalls[code],
            voices=spoken[code],
            linked=linked.get(key, 0),
        )
        for key, code in sorted((key, code) for code, key in enumerate(found.projects))
    }


def exact_roots(amounts: Integers) -> tuple[Integers, Integers]:
    """r = ⌊√x · S⌋ and the shortfall S²x − r², both exact, for amounts (cents) below LARGEST_COUNTED.

    A double's root is the nearest double, so ⌊√x · S⌋ is exact or one too much. In 64-bit arithmetic that wraps, the
    shortfall comes out right, since it is small: it lies in 0 … 2r, and is negative where r is one too much.
    """
    roots = (np.sqrt(amounts.astype(np.float64)) * SCALE).astype(np.int64)
    shortfalls = (amounts << (2 * ROOT_BITS)) - roots * roots
    above = shortfalls < 0
    shortfalls[above] += 2 * roots[above] - 1
    roots[above] -= 1
    for k in np.flatnonzero(amounts >= ROOTED_BELOW):
        roots[k] = root(int(amounts[k]))
        shortfalls[k] = int(amounts[k]) * UNIT - int(roots[k]) ** 2
    return roots, shortfalls


def sums(code: Integers, values: Integers, times: Integers, size: int) -> list[int]:
    """Σ values · times by code, exact beyond 64 bits.

    Each half of a value up to 2⁶⁰, times less than MOST_PERSONS, fits in 64 bits; once each, so does any value.
    """
    high, low = np.zeros(size, np.int64), np.zeros(size, np.int64)
    np.add.at(high, code, (values >> HALF_BITS) * times)
    np.add.at(low, code, (values & ((1 << HALF_BITS) - 1)) * times)
    return [(a << HALF_BITS) + b for a, b in zip(high.tolist(), low.tolist(), strict=True)]
