"""Estimates that follow a round gift by gift: O(1) to take a gift in, one vector pass to estimate every project.

The state is exact (Python integers, so it never drifts from a full count); only the estimate, which is shown as one,
is computed in floating point. It agrees with the allocation of the same state to less than a cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from abonde.matching.allocation import Allocation, allocate, whole_ceilings
from abonde.matching.amounts import Cents
from abonde.matching.pots import Pot, Project
from abonde.matching.refusal import Refusal
from abonde.matching.roots import UNIT, root
from abonde.matching.rules import Mechanism, Rules
from abonde.matching.support import raw_support, raw_supports
from abonde.matching.tally import ProjectTally, Tally

Floats = NDArray[np.float64]

FEW: Final = 256
"""Up to so many projects at their ceiling are subtracted as exact integers; more are left out of a float sum."""


@dataclass(slots=True)
class _LivePot:
    """A pot, where its projects stand (`None`: everywhere), and who was at the ceiling when last estimated."""

    amount: int
    members: NDArray[np.int64] | None
    support: int
    at_ceiling: NDArray[np.int64]


class LiveRound:
    """The state of a round under `quadratic` or `proportional`, kept up to date by `move`.

    Under the other mechanisms one gift changes the support of other projects too: Refusal.
    """

    def __init__(
        self, *, projects: Iterable[Project], tally: Tally, pots: Iterable[Pot], rules: Rules
    ) -> None:
        if rules.mechanism not in (Mechanism.QUADRATIC, Mechanism.PROPORTIONAL):
            raise Refusal(
                "A round under {mechanism} has no live estimate: there one gift changes the support of other projects.",
                mechanism=rules.mechanism,
            )
        start = allocate(projects=projects, tally=tally, pots=pots, rules=rules)
        self.rules = rules
        self.projects: Mapping[str, Project] = start.projects
        self.pots = [part.pot for part in start.pots]
        self.fund = sum(pot.amount for pot in self.pots)
        self._listed = list(start.projects.values())
        self._place = {key: place for place, key in enumerate(start.projects)}
        self._tallies = list(start.tally.values())
        self._raw = raw_supports(self._tallies, rules)
        self._raw_cents: Floats = np.array([raw / UNIT for raw in self._raw])
        self._ceilings: Floats = np.full(len(self._raw), np.inf)
        for place in range(len(self._raw)):
            self._refresh_ceiling(place)
        self._live_pots = [
            _LivePot(
                pot.amount,
                None
                if len(part.projects) == len(self._place)
                else np.array([self._place[key] for key in part.projects], np.int64),
                sum(part.raw),
                np.empty(0, np.int64),
            )
            for pot, part in zip(self.pots, start.pots, strict=True)
        ]

    def move(self, project: str, *, before: int, after: int, received: int | None = None) -> None:
        """One person's eligible sum on `project` goes from `before` to `after` cents (0 for none). O(pots).

        `received` is what the project's money received changes by, where that is not `after` − `before` (a gift that
        may not be matched moves money only: `before` = `after`).
        """
        place = self._place_of(project)
        x_before, x_after = self.rules.counting.count(before), self.rules.counting.count(after)
        old = self._tallies[place]
        self._tallies[place] = old._replace(
            received=Cents(old.received + (after - before if received is None else received)),
            persons=old.persons + (x_after > 0) - (x_before > 0),
            counted=Cents(old.counted + x_after - x_before),
            roots=old.roots + root(x_after) - root(x_before),
            squares=old.squares + root(x_after) ** 2 - root(x_before) ** 2,
        )
        raw = raw_support(self._tallies[place], self.rules)
        for pot, live in zip(self.pots, self._live_pots, strict=True):
            if live.members is None or pot.earmark.accepts(self.projects[project]):
                live.support += raw - self._raw[place]
        self._raw[place] = raw
        self._raw_cents[place] = raw / UNIT
        self._refresh_ceiling(place)

    def estimates(self) -> Floats:
        """What the fund would add to each project if the round closed now, in cents, in the byte order of the keys."""
        added: Floats | None = None
        for live in self._live_pots:
            raw, tops = (
                self._raw_cents,
                self._ceilings if added is None else np.maximum(self._ceilings - added, 0.0),
            )
            if live.members is not None:
                raw, tops = raw[live.members], tops[live.members]
            share = self._level_out(live, raw, tops)
            if live.members is not None:
                spread = np.zeros(len(self._raw))
                spread[live.members] = share
                share = spread
            added = share if added is None else added + share
        return np.zeros(len(self._raw)) if added is None else added

    def estimate(self, project: str) -> float:
        """The same for one project."""
        return float(self.estimates()[self._place_of(project)])

    def effect(self, project: str, *, before: int, after: int) -> float:
        """What the fund would add more to `project` if one person's sum went from `before` to `after` cents."""
        now = self.estimate(project)
        self.move(project, before=before, after=after)
        then = self.estimate(project)
        self.move(project, before=after, after=before)
        return then - now

    def tally(self) -> dict[str, ProjectTally]:
        """The exact state, as a full count of the same gifts would find it."""
        return dict(zip(self._place, self._tallies, strict=True))

    def allocation(self) -> Allocation:
        """The exact allocation of the present state."""
        return allocate(projects=self.projects.values(), tally=self.tally(), pots=self.pots, rules=self.rules)

    def _place_of(self, project: str) -> int:
        try:
            return self._place[project]
        except KeyError:
            raise Refusal(
                "Project {project!r} is not among the projects of the round.", project=project
            ) from None

    def _refresh_ceiling(self, place: int) -> None:
        alone = [self._listed[place]], [self._tallies[place]], [self._raw[place]]
        tops = [top for (top,) in whole_ceilings(*alone, self.rules, self.fund).values()]
        self._ceilings[place] = min((top for top in tops if top is not None), default=np.inf)

    def _level_out(self, live: _LivePot, raw: Floats, tops: Floats) -> Floats:
        """min(λ·raw, ceiling) with Σ = pot, by Newton's steps on that concave line.

        Each step takes the projects in `at_ceiling` as held there, which never gives too high a λ; it starts from
        those held last time, and so mostly ends where it starts.
        """
        if not live.support:
            return np.zeros(len(raw))
        if not self.rules.redistribute:
            return np.minimum(raw * (live.amount * UNIT / live.support), tops)
        while True:
            left = live.amount - float(tops[live.at_ceiling].sum())
            rest = self._support_below(live, raw)
            if not rest and left >= 0:
                return np.where(raw > 0, tops, 0.0)
            if not rest or left < 0:
                live.at_ceiling = live.at_ceiling[:0]
                continue
            share = raw * (left / rest)
            above = share >= tops
            if np.count_nonzero(above) == live.at_ceiling.size and above[live.at_ceiling].all():
                return np.minimum(share, tops, out=share)
            live.at_ceiling = np.flatnonzero(above)

    def _support_below(self, live: _LivePot, raw: Floats) -> float:
        """The raw support (cents) of the projects that are not held at their ceiling, without cancellation."""
        held = live.at_ceiling
        if held.size > FEW:
            below = np.ones(len(raw), np.bool_)
            below[held] = False
            return float(raw[below].sum())
        places = held if live.members is None else live.members[held]
        below_support: int = live.support - sum(self._raw[place] for place in places.tolist())
        return below_support / UNIT
