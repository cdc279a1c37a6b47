"""The rules of a round (règlement): every parameter of the mechanism, checked once, frozen afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from abonde.matching.amounts import LARGEST_GIFT, Cents, euros_of_cents
from abonde.matching.refusal import Refusal, Refusals

ABSENT: Final = "none"
"""How an absent limit is written, so that a preset's limit can be switched off: a limit of 0 would pay nobody."""


class Mechanism(StrEnum):
    """How the raw support of a project follows from what people gave to it."""

    QUADRATIC = "quadratic"
    PAIRWISE = "pairwise"
    CLUSTER = "cluster"
    HEADS = "heads"
    PROPORTIONAL = "proportional"


class ClusterForm(StrEnum):
    """The two published forms of connection-oriented cluster matching."""

    SOFT = "soft"
    PAPER = "paper"


class Sharing(StrEnum):
    """How much of a pot is shared out."""

    WHOLE_POT = "whole_pot"
    UP_TO_IDEAL = "up_to_ideal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Which part of one person's money for one project counts. An absent limit is `None`, never 0."""

    count_from: Cents | None = None
    count_up_to: Cents | None = None
    steps: tuple[Cents, ...] | None = None

    @property
    def reached(self) -> tuple[Cents, ...] | None:
        """The steps (cents) that a sum can count as: none above the largest sum that counts."""
        if self.steps is None or self.count_up_to is None:
            return self.steps
        return tuple(step for step in self.steps if step <= self.count_up_to)

    def count(self, given: int) -> Cents:
        """x = count(c): the counted part of the sum `given` (cents) of one person to one project."""
        if given <= 0 or (self.count_from is not None and given < self.count_from):
            return Cents(0)
        counted = given if self.count_up_to is None else min(given, self.count_up_to)
        if self.steps is not None:
            counted = max((step for step in self.steps if step <= counted), default=0)
        return Cents(counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that turns counted gifts into an allocation. Amounts in cents, shares as exact fractions.

    Raises Refusals, with a sentence for each contradiction, when the values do not fit together.
    """

    mechanism: Mechanism = Mechanism.QUADRATIC
    counting: Counting = field(default_factory=Counting)
    min_supporters: int | None = None
    max_share: Fraction | None = None
    max_ratio: Fraction | None = None
    cap_at_need: bool = True
    sharing: Sharing = Sharing.WHOLE_POT
    redistribute: bool = True
    pairwise_m: Cents = Cents(2500)
    cluster_form: ClusterForm = ClusterForm.SOFT

    def __post_init__(self) -> None:
        contradictions = list(_contradictions(self))
        if contradictions:
            raise Refusals(contradictions)

    def with_mechanism(self, mechanism: Mechanism) -> Rules:
        """The same rules under another mechanism, to compare."""
        return replace(self, mechanism=mechanism)

    def to_mapping(self) -> dict[str, Any]:
        """The rules as they are written and published: every key, whatever the preset; `read_rules` reads them back."""
        counting, steps = self.counting, self.counting.steps
        return {
            "mechanism": str(self.mechanism),
            "count_from": _written(counting.count_from),
            "count_up_to": _written(counting.count_up_to),
            "steps": ABSENT if steps is None else [euros_of_cents(step) for step in steps],
            "min_supporters": ABSENT if self.min_supporters is None else self.min_supporters,
            "max_share": ABSENT if self.max_share is None else str(self.max_share),
            "max_ratio": ABSENT if self.max_ratio is None else str(self.max_ratio),
            "cap_at_need": self.cap_at_need,
            "sharing": str(self.sharing),
            "redistribute": self.redistribute,
            "pairwise_m": _written(self.pairwise_m),
            "cluster_form": str(self.cluster_form),
        }


def _written(amount: Cents | None) -> str:
    return ABSENT if amount is None else euros_of_cents(amount)


def _contradictions(rules: Rules) -> list[Refusal]:
    counting, found = rules.counting, []
    floor, top, steps = counting.count_from, counting.count_up_to, counting.steps
    for name, amount in (("count_from", floor), ("count_up_to", top), ("pairwise_m", rules.pairwise_m)):
        if amount is not None and not 0 < amount <= LARGEST_GIFT:
            found.append(
                Refusal(
                    '{name}: {amount} € cannot be; give an amount above 0, or "none" for no limit.',
                    name=name,
                    amount=euros_of_cents(amount),
                )
            )
    if floor is not None and top is not None and floor > top:
        found.append(
            Refusal(
                "count_from ({floor} €) is above count_up_to ({top} €): no gift could count; lower the first or raise the second.",
                floor=euros_of_cents(floor),
                top=euros_of_cents(top),
            )
        )
    if steps is not None and (
        not steps or any(a >= b for a, b in zip((Cents(0), *steps), steps, strict=False))
    ):
        found.append(
            Refusal("steps: list amounts above 0 in rising order, each once, such as [5, 10, 20, 50].")
        )
    elif steps is not None and top is not None and steps[0] > top:
        found.append(
            Refusal(
                "steps: the smallest ({step} €) is above count_up_to ({top} €): no gift could count.",
                step=euros_of_cents(steps[0]),
                top=euros_of_cents(top),
            )
        )
    if rules.min_supporters is not None and rules.min_supporters < 1:
        found.append(
            Refusal(
                'min_supporters: {count} cannot be; give 1 or more, or "none".', count=rules.min_supporters
            )
        )
    if rules.max_share is not None and not 0 < rules.max_share <= 1:
        found.append(
            Refusal(
                'max_share: {share} is not a share of the fund; give a part between 0 and 1, such as 0.1 for a tenth, or "none".',
                share=str(rules.max_share),
            )
        )
    if rules.max_ratio is not None and rules.max_ratio <= 0:
        found.append(
            Refusal(
                'max_ratio: {ratio} would pay nobody; give how many euros the fund may add per counted euro, such as 2, or "none".',
                ratio=str(rules.max_ratio),
            )
        )
    if rules.sharing is Sharing.UP_TO_IDEAL and rules.mechanism is Mechanism.HEADS:
        found.append(
            Refusal(
                "sharing: up_to_ideal has no meaning with heads, whose voices are not an amount of money; use whole_pot."
            )
        )
    return found


PUBLISHED_STEPS: Final = tuple(Cents(100 * euros) for euros in (5, 10, 20, 50, 100, 200))

PRESETS: Final[Mapping[str, Rules]] = {
    # What a first round should use: small enough steps to publish, and every known cheap attack bounded.
    "guarded": Rules(
        counting=Counting(count_from=Cents(500), count_up_to=Cents(5000), steps=PUBLISHED_STEPS),
        min_supporters=5,
        max_share=Fraction(1, 10),
        max_ratio=Fraction(2),
    ),
    # The bare formula, to study it and to compare.
    "plain": Rules(cap_at_need=False),
}
