"""Where the gifts of a round come from: a file for an engine, or Pabulib ballots."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from abonde.engines.engine import Engine, GiftFile, Progress
from abonde.engines.files.pabulib import Election, read_election
from abonde.engines.files.reading import read_gifts
from abonde.matching import Cents, Gift, Groups, Project, Refusal, Rules, Tally, tally_gifts

MOST_TO_COUNT_AGAIN: Final = 100_000
"""Up to so many gifts, the effect of one more is shown where it takes another count of all of them."""


class BallotBox(Protocol):
    """The gifts of a round, to be counted as often as there are mechanisms to compare."""

    @property
    def name(self) -> str: ...

    @property
    def projects(self) -> Mapping[str, Project]:
        """The projects that the gifts' own file describes; none where it only names them."""
        ...

    @property
    def official(self) -> Collection[str] | None:
        """The projects that the vote itself chose, where the gifts are ballots."""
        ...

    def count(self, rules: Rules, groups: Groups | None, progress: Progress | None) -> tuple[str, Tally]:
        """The name of the engine, and what it counted."""
        ...

    def gifts(self) -> list[Gift] | None:
        """All gifts, `None` where they are too many for a list."""
        ...


@dataclass(frozen=True)
class Ballots:
    """Ballots of a `.pb` file, a point being worth `point_value` cents. Plain Python counts them in milliseconds."""

    name: str
    election: Election
    point_value: Cents

    @property
    def projects(self) -> Mapping[str, Project]:
        return self.election.projects

    @property
    def official(self) -> Collection[str]:
        return self.election.official

    def count(self, rules: Rules, groups: Groups | None, progress: Progress | None) -> tuple[str, Tally]:  # noqa: ARG002 too quick to tell
        return "memory", tally_gifts(self.gifts(), rules, groups=groups)

    def gifts(self) -> list[Gift]:
        return list(self.election.gifts(self.point_value))


@dataclass(frozen=True)
class Gifts:
    """Gifts of a CSV or Parquet file, counted by an engine."""

    file: GiftFile
    engine: Engine

    @property
    def name(self) -> str:
        return self.file.path.name

    @property
    def projects(self) -> Mapping[str, Project]:
        return {}

    @property
    def official(self) -> None:
        return None

    def count(self, rules: Rules, groups: Groups | None, progress: Progress | None) -> tuple[str, Tally]:
        return self.engine.name, self.engine.tally(self.file, rules, groups=groups, progress=progress)

    @cached_property
    def _listed(self) -> list[Gift] | None:
        listed = list(islice(read_gifts(self.file), MOST_TO_COUNT_AGAIN + 1))
        return listed if len(listed) <= MOST_TO_COUNT_AGAIN else None

    def gifts(self) -> list[Gift] | None:
        return self._listed


def ballots_from(path: Path, point_value: Cents) -> Ballots:
    """The ballots of a `.pb` file."""
    if point_value <= 0:
        raise Refusal("--point-value: a point is worth more than 0 €; write 5, or 0.50.")
    return Ballots(path.name, read_election(path), point_value)
