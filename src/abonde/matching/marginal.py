"""What one more person would change: the difference of two full allocations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from abonde.matching.allocation import Allocation, allocate
from abonde.matching.amounts import LARGEST_GIFT, Cents
from abonde.matching.refusal import Refusal
from abonde.matching.roots import UNIT, root
from abonde.matching.rules import Mechanism
from abonde.matching.tally import Tally

EXAMPLE_GIFTS: Final = tuple(Cents(100 * euros) for euros in (5, 10, 20, 50))
"""The gifts for which an explanation shows the marginal effect."""


@dataclass(frozen=True, slots=True)
class MarginalEffect:
    """What one more eligible person giving `gift` cents to `project`, and to nothing else, changes (cents).

    `here` is what the fund adds more to the project (less, if negative); `elsewhere` what it adds more to each
    other project, only where that changes; `unspent` how much more returns to the funders. They add up to 0.
    """

    project: str
    gift: Cents
    here: Cents
    elsewhere: Mapping[str, Cents]
    unspent: Cents


def marginal_effect(allocation: Allocation, project: str, gift: Cents) -> MarginalEffect:
    """The effect of one more gift, for the mechanisms in which it changes this project's tally alone.

    Raises Refusal for an unknown project, for an amount that is no gift, and for `pairwise` and `cluster`, where a gift changes how others are
    related: count again with the gift added, and use `difference`.
    """
    if project not in allocation.projects:
        raise Refusal("Project {project!r} is not among the projects of the round.", project=project)
    if not 0 < gift <= LARGEST_GIFT:
        raise Refusal(
            "A gift is between 1 and {largest} cents, not {cents}.", largest=LARGEST_GIFT, cents=gift
        )
    if allocation.rules.mechanism in (Mechanism.PAIRWISE, Mechanism.CLUSTER):
        raise Refusal(
            "Under {mechanism} a gift changes all relations: count again with it.",
            mechanism=allocation.rules.mechanism,
        )
    return difference(allocation, with_more(allocation, project, gift), project, gift)


def with_more(allocation: Allocation, project: str, gift: Cents, people: int = 1) -> Allocation:
    """The allocation as it would be with more people, each giving `gift` to the project and to nothing else."""
    x = allocation.rules.counting.count(gift)
    before = allocation.tally[project]
    after = before._replace(received=Cents(before.received + people * gift))
    if x:
        after = after._replace(
            persons=before.persons + people,
            counted=Cents(before.counted + people * x),
            roots=before.roots + people * root(x),
            squares=before.squares + people * root(x) ** 2,
            voices=before.voices + (people * UNIT if allocation.rules.mechanism is Mechanism.HEADS else 0),
        )
    return again(allocation, {**allocation.tally, project: after})


def again(allocation: Allocation, tally: Tally) -> Allocation:
    """The same round with another tally."""
    return allocate(
        projects=allocation.projects.values(),
        tally=tally,
        pots=[part.pot for part in allocation.pots],
        rules=allocation.rules,
    )


def difference(before: Allocation, after: Allocation, project: str, gift: Cents) -> MarginalEffect:
    """What changed between the allocation before and the one with the gift."""
    changes = {key: Cents(after.matching[key] - cents) for key, cents in before.matching.items()}
    return MarginalEffect(
        project=project,
        gift=gift,
        here=changes.pop(project),
        elsewhere={key: change for key, change in changes.items() if change},
        unspent=Cents(after.unspent - before.unspent),
    )
