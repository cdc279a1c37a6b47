"""Projects and pots: who may be matched by which money, and which pot is served first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from abonde.matching.amounts import LARGEST_POT, Cents
from abonde.matching.refusal import Refusal


class Project(NamedTuple):
    """A project of the round. `need` is its ideal budget in cents, absent where it names none."""

    key: str
    name: str = ""
    challenge: str | None = None
    place: str | None = None
    need: Cents | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earmark:
    """The projects that a pot may match: those of a challenge, of a place, of both, or all (the general pot)."""

    challenge: str | None = None
    place: str | None = None

    def accepts(self, project: Project) -> bool:
        return self.challenge in (None, project.challenge) and self.place in (None, project.place)

    def positions(self, projects: Sequence[Project]) -> Sequence[int]:
        """Where in a list the projects are that it accepts."""
        if self == Earmark():
            return range(len(projects))
        return [position for position, project in enumerate(projects) if self.accepts(project)]

    @property
    def rank(self) -> int:
        """0 for the most specific: challenge and place, then challenge, then place, then general."""
        return (0 if self.challenge else 2) + (0 if self.place else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """An envelope of the fund: what each funder put in (cents), and its earmark."""

    key: str
    funders: Mapping[str, Cents]
    earmark: Earmark = field(default_factory=Earmark)

    def __post_init__(self) -> None:
        for funder, cents in self.funders.items():
            if cents < 0:
                raise Refusal(
                    "Pot {pot}: {funder} cannot bring a negative amount ({cents} cents).",
                    pot=self.key,
                    funder=funder,
                    cents=cents,
                )
        if self.amount > LARGEST_POT:
            raise Refusal(
                "Pot {pot}: {cents} cents is more than any fund has ever held.",
                pot=self.key,
                cents=self.amount,
            )

    @property
    def amount(self) -> Cents:
        return Cents(sum(self.funders.values()))


def in_serving_order(pots: Iterable[Pot]) -> list[Pot]:
    """From the most to the least specific earmark, then by key: narrow money is spent before wide money."""
    return sorted(pots, key=lambda pot: (pot.earmark.rank, pot.key))


def reaching(pots: Iterable[Pot], projects: Iterable[Project]) -> list[Pot]:
    """The pots whose challenge and place some project has.

    `allocate` refuses the others as mistakes in a file. Where they are none, because nobody answered the challenge,
    their money goes back to its funders.
    """
    known = list(projects)
    challenges, places = {project.challenge for project in known}, {project.place for project in known}
    return [
        pot
        for pot in pots
        if pot.earmark.challenge in {None, *challenges} and pot.earmark.place in {None, *places}
    ]
