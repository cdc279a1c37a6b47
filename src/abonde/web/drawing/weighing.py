"""Many people with a little beside one person with much: what the fund adds to each, found by the mechanism itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from abonde.matching import (
    PRESETS,
    Allocation,
    Cents,
    Gift,
    Limit,
    Mechanism,
    Pot,
    Project,
    Rules,
    Sharing,
    allocate,
    read_rules,
    tally_gifts,
)
from abonde.matching.explanation import bound_by

MANY: Final = "many"
ONE: Final = "one"
LARGE_GIFT: Final = Cents(50_000)
"""What the one person gives."""

USUAL_PEOPLE: Final = 10
USUAL_GIFT: Final = Cents(500)
EXAMPLE_FUND: Final = Cents(5_000_000)
"""The fund of the example that belongs to no round."""

EXAMPLE_RULES: Final = read_rules({**PRESETS["plain"].to_mapping(), "sharing": str(Sharing.UP_TO_IDEAL)})
"""The bare formula, which adds to each project what it weighs: one more person always shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One project of the picture: so many people, what each of them gave, and what the fund adds to all (cents)."""

    people: int
    gift: Cents
    added: Cents
    bound_by: Limit | None

    @property
    def given(self) -> Cents:
        return Cents(self.people * self.gift)

    @property
    def total(self) -> Cents:
        return Cents(self.given + self.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Both projects, under the same rules and with one fund (cents) for the two of them."""

    many: Side
    one: Side
    fund: Cents
    rules: Rules

    @property
    def exhausted(self) -> bool:
        """Whether the fund gave all it holds."""
        return self.many.added + self.one.added == self.fund

    @property
    def pairs(self) -> int:
        return self.many.people * (self.many.people - 1) // 2


def weigh(
    *,
    people: int = USUAL_PEOPLE,
    gift: Cents = USUAL_GIFT,
    rules: Rules = EXAMPLE_RULES,
    fund: Cents = EXAMPLE_FUND,
) -> Weighing:
    """What `fund` (cents) adds when so many people give `gift` each, and one person gives 500 € to another project."""
    gifts = [Gift(f"person {number}", MANY, gift) for number in range(people)]
    allocation = allocate(
        projects=[Project(key=MANY), Project(key=ONE)],
        tally=tally_gifts([*gifts, Gift("somebody else", ONE, LARGE_GIFT)], rules),
        pots=[Pot(key="fund", funders={"fund": fund})],
        rules=rules,
    )
    return Weighing(
        many=_side(allocation, MANY, people, gift),
        one=_side(allocation, ONE, 1, LARGE_GIFT),
        fund=fund,
        rules=rules,
    )


def tells(rules: Rules) -> bool:
    """Whether the picture says something under these rules: in clusters, people of one project alone bring nothing."""
    return rules.mechanism is not Mechanism.CLUSTER


def _side(allocation: Allocation, key: str, people: int, gift: Cents) -> Side:
    part = allocation.pots[0]
    limit = bound_by(allocation, part, part.projects.index(key))
    # That a project gets what its support comes to, and no more, is the formula itself.
    held = None if limit is Limit.IDEAL else limit
    return Side(people=people, gift=gift, added=allocation.matching[key], bound_by=held)
