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

_VECTOR_LIMIT: Final = 1 << 44
"""Below it √x · S stays under 2⁵², where a double is off by one step at most."""

_HALF_BITS: Final = 30


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
    size, project, persons = len(histogram.projects), histogram.project, histogram.persons
    if int(persons.sum()) >= MOST_PERSONS or int(histogram.amount.max(initial=0)) >= LARGEST_COUNTED:
        raise Refusal(
            "The gifts count {persons} persons and up to {cents} cents of one person; no round has so much. Check the amounts.",
            persons=int(persons.sum()),
            cents=int(histogram.amount.max(initial=0)),
        )
    roots, shortfalls = exact_roots(histogram.amount)
    heads = sums(project, np.ones_like(persons), persons, size)
    counted = sums(project, histogram.amount, persons, size)
    of_roots = sums(project, roots, persons, size)
    lost = sums(project, shortfalls, persons, size)
    spoken = (
        [0] * size if voices is None else sums(voices.project, UNIT // voices.supported, voices.persons, size)
    )
    linked = linked or {}
    return {
        key: ProjectTally(
            received=Cents(histogram.received[code]),
            persons=heads[code],
            counted=Cents(counted[code]),
            roots=of_roots[code],
            squares=counted[code] * UNIT
            - lost[code],  # r² = S²x − (S²x − r²): only the small shortfall is added up
            voices=spoken[code],
            linked=linked.get(key, 0),
        )
        for key, code in sorted((key, code) for code, key in enumerate(histogram.projects))
    }


def exact_roots(amounts: Integers) -> tuple[Integers, Integers]:
    """r = ⌊√x · S⌋ and the shortfall S²x − r², both exact, for amounts (cents) below LARGEST_COUNTED.

    In 64-bit arithmetic that wraps, the shortfall comes out right, since it is small: it lies in 0 … 2r.
    """
    roots = (np.sqrt(amounts.astype(np.float64)) * SCALE).astype(np.int64)
    for _ in range(2):  # one step down or up; the second turn only computes the shortfall of what was moved
        shortfalls = (amounts << (2 * ROOT_BITS)) - roots * roots
        roots = roots - (shortfalls < 0) + (shortfalls > 2 * roots)
    for k in np.flatnonzero(amounts >= _VECTOR_LIMIT):
        roots[k] = root(int(amounts[k]))
        shortfalls[k] = int(amounts[k]) * UNIT - int(roots[k]) ** 2
    return roots, shortfalls


def sums(code: Integers, values: Integers, times: Integers, size: int) -> list[int]:
    """Σ values · times by code, exact beyond 64 bits.

    Each half of a value up to 2⁶⁰, times less than MOST_PERSONS, fits in 64 bits; once each, so does any value.
    """
    high, low = np.zeros(size, np.int64), np.zeros(size, np.int64)
    np.add.at(high, code, (values >> _HALF_BITS) * times)
    np.add.at(low, code, (values & ((1 << _HALF_BITS) - 1)) * times)
    return [(a << _HALF_BITS) + b for a, b in zip(high.tolist(), low.tolist(), strict=True)]
