"""A synthetic round of any size: few popular projects, many small gifts, most people giving once or twice.

Rows come in chunks of constant size and in no order of people, so that 10⁸ gifts need no more memory than 10⁶.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

CHUNK: Final = 1 << 20
MOST_GIFTS: Final = 3 * 10**9
"""Beyond it the places of the rows would not fit in 64 bits while they are shuffled."""

USUAL_CENTS: Final = np.array([100, 200, 500, 1000, 2000, 5000, 10_000, 300, 1500, 2500, 20_000, 50_000])
USUAL_ODDS: Final = np.array([12, 8, 20, 20, 11, 6, 4, 2, 2, 1.5, 0.6, 0.2])
UNUSUAL: Final = 0.12
"""The part of gifts whose amount is any number of cents, log-normal around 9 €."""

_PATTERN_PEOPLE: Final = 1 << 16
_MOST_GIFTS_OF_ONE: Final = 20
_POPULARITY: Final = 1.1
"""The exponent of Zipf's law by which projects are chosen."""


class Gifts(NamedTuple):
    """Some rows: person and project as numbers from 0, amounts in cents."""

    person: Codes
    project: Codes
    cents: Codes


@dataclass(frozen=True)
class SyntheticRound:
    """So many `gifts` to so many `projects`; the same for the same `seed`, on any machine."""

    gifts: int
    projects: int
    seed: int = 0

    def chunks(self) -> Iterator[Gifts]:
        """All rows, at most CHUNK at a time."""
        for number, first in enumerate(range(0, self.gifts, CHUNK)):
            dice = np.random.Generator(np.random.PCG64([self.seed, number]))
            rows = np.arange(first, min(first + CHUNK, self.gifts), dtype=np.int64)
            yield Gifts(self._people(rows), self._projects(dice, rows.size), _amounts(dice, rows.size))

    def in_memory(self) -> Gifts:
        """All rows at once."""
        return Gifts(*(np.concatenate(columns) for columns in zip(*self.chunks(), strict=True)))

    def _people(self, rows: Codes) -> Codes:
        """Who gives: places are dealt to people in order, and an affine permutation scatters rows over places."""
        places = rows * self._stride % self.gifts
        block, place = np.divmod(places, self._owners.size)
        people: Codes = block * _PATTERN_PEOPLE + self._owners[place]
        return people

    def _projects(self, dice: np.random.Generator, size: int) -> Codes:
        chosen = np.searchsorted(self._popularity, dice.random(size), side="right").clip(0, self.projects - 1)
        projects: Codes = self._names[chosen]
        return projects

    @cached_property
    def _stride(self) -> int:
        """A step near the golden section of all rows, with no divisor in common with their number."""
        stride = max(int(self.gifts * 0.6180339887498949), 1)
        while gcd(stride, self.gifts) > 1:
            stride += 1
        return stride

    @cached_property
    def _owners(self) -> Codes:
        """A pattern of people, each as often as they give (geometric, three gifts on average)."""
        dice = np.random.Generator(np.random.PCG64([self.seed, 1 << 62]))
        times = np.minimum(dice.geometric(1 / 3, _PATTERN_PEOPLE), _MOST_GIFTS_OF_ONE)
        return np.repeat(np.arange(_PATTERN_PEOPLE, dtype=np.int64), times)

    @cached_property
    def _popularity(self) -> NDArray[np.float64]:
        odds = np.arange(1, self.projects + 1, dtype=np.float64) ** -_POPULARITY
        return np.cumsum(odds / odds.sum())

    @cached_property
    def _names(self) -> Codes:
        """The rank of popularity says nothing about the number of a project."""
        return np.random.Generator(np.random.PCG64([self.seed, 1 << 61])).permutation(self.projects)


def _amounts(dice: np.random.Generator, size: int) -> Codes:
    odds = np.cumsum(USUAL_ODDS / USUAL_ODDS.sum())
    cents: Codes = USUAL_CENTS[
        np.searchsorted(odds, dice.random(size), side="right").clip(0, USUAL_CENTS.size - 1)
    ]
    unusual = np.flatnonzero(dice.random(size) < UNUSUAL)
    cents[unusual] = np.exp(dice.normal(np.log(900), 1.2, unusual.size)).clip(1, 10_000_000).astype(np.int64)
    return cents
