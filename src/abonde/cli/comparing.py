"""One round allocated under several mechanisms, to stand side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from abonde.cli.ballot_box import BallotBox
from abonde.engines.engine import Progress
from abonde.matching import (
    Allocation,
    Groups,
    Limit,
    Mechanism,
    Pot,
    Project,
    Refusal,
    Refusals,
    Rules,
    Tally,
    allocate,
)
from abonde.matching.explanation import bound_by

MOST_REFUSALS: Final = 20


@dataclass(frozen=True)
class Comparison:
    """The allocations of one round, the first mechanism being the one that counts; the others are there to compare."""

    box: BallotBox
    engine: str
    groups: Groups | None
    allocations: Sequence[Allocation]

    @property
    def main(self) -> Allocation:
        return self.allocations[0]

    @property
    def projects(self) -> Mapping[str, Project]:
        return self.main.projects

    @property
    def official(self) -> Collection[str] | None:
        return self.box.official

    @property
    def fund(self) -> int:
        """The money of all pots, in cents."""
        return sum(part.pot.amount for part in self.main.pots)

    @property
    def received(self) -> int:
        """The money of all gifts, in cents."""
        return sum(counted.received for counted in self.main.tally.values())

    @cached_property
    def ranking(self) -> list[str]:
        """The projects, most added first; then most received, then by key."""
        added, tally = self.main.matching, self.main.tally
        return sorted(added, key=lambda key: (-added[key], -tally[key].received, key))

    @cached_property
    def limits(self) -> Sequence[Mapping[str, list[Limit]]]:
        """For each allocation, the limits that held each project back, in any pot."""
        return [_limits(allocation) for allocation in self.allocations]


def compare(  # noqa: PLR0913 a round is made of these
    box: BallotBox,
    *,
    projects: Sequence[Project],
    pots: Sequence[Pot],
    rules: Rules,
    mechanisms: Sequence[Mechanism],
    groups: Groups | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Count the gifts and share the pots out under each mechanism, or under the one of the rules."""
    rulings = [rules.with_mechanism(mechanism) for mechanism in dict.fromkeys(mechanisms)] or [rules]
    tallies: dict[Mechanism, tuple[str, Tally]] = {}
    for done, ruling in enumerate(rulings):
        counted_as = _counted_as(ruling.mechanism)
        if counted_as not in tallies:
            step = None if progress is None else _part_of(progress, done, len(rulings))
            tallies[counted_as] = box.count(ruling, groups, step)
            _check_tally(box, tallies[counted_as][1], projects)
    known = projects or list(box.projects.values())
    allocations = []
    for ruling in rulings:
        tally = tallies[_counted_as(ruling.mechanism)][1]
        everyone = known or [Project(key=key) for key in tally]
        allocations.append(allocate(projects=everyone, tally=tally, pots=pots, rules=ruling))
    engines = dict.fromkeys(engine for engine, _tally in tallies.values())
    return Comparison(box, ", ".join(engines), groups, allocations)


def _counted_as(mechanism: Mechanism) -> Mechanism:
    """Quadratic and proportional support follow from one and the same count."""
    return Mechanism.QUADRATIC if mechanism is Mechanism.PROPORTIONAL else mechanism


def _part_of(progress: Progress, done: int, of: int) -> Progress:
    return lambda part: progress((done + part) / of)


def _check_tally(box: BallotBox, tally: Tally, projects: Sequence[Project]) -> None:
    if not tally:
        raise Refusal("{file} holds no gift; there is nothing to count.", file=box.name)
    known = {project.key for project in projects} or set(tally)
    strangers = sorted(set(tally) - known)
    if strangers:
        raise Refusals(
            [
                Refusal(
                    "{file}: project {project!r} has received gifts but is not in the file of projects; add it there.",
                    file=box.name,
                    project=key,
                )
                for key in strangers[:MOST_REFUSALS]
            ]
        )


def _limits(allocation: Allocation) -> dict[str, list[Limit]]:
    bound: dict[str, list[Limit]] = {key: [] for key in allocation.projects}
    for part in allocation.pots:
        for place, key in enumerate(part.projects):
            limit = bound_by(allocation, part, place)
            if limit is not None and limit not in bound[key]:
                bound[key].append(limit)
    return bound
