from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from abonde import matching
from abonde.matching import PRESETS, Cents, Earmark, Gift, Rules
from tests.domain.settlement.world import Plan, World, build

PROJECTS = [
    matching.Project(key="bikes", name="Vélos", challenge="move", need=Cents(500_000)),
    matching.Project(key="garden", name="Jardin", challenge="food", need=Cents(500_000)),
    matching.Project(key="seeds", name="Semences", challenge="food", need=Cents(500_000)),
]
GIFTS = [
    *(Gift(f"person {number}", "garden", 2_000) for number in range(8)),
    *(Gift(f"person {number}", "seeds", 1_000 + 100 * number) for number in range(5)),
    Gift("person 9", "bikes", 40_000),
    Gift("passer-by", "bikes", 5_000, eligible=False),
]
POTS = [
    matching.Pot(key="commun", funders={"mutual": Cents(100_000), "baker": Cents(33_333)}),
    matching.Pot(key="repas", funders={"mutual": Cents(50_001)}, earmark=Earmark(challenge="food")),
]
RULES = replace(PRESETS["guarded"], min_supporters=2, max_share=None, max_ratio=Fraction(9))


@pytest.fixture
def make_world(database: None) -> Callable[[Rules], World]:
    def make(rules: Rules) -> World:
        return build(Plan(GIFTS, PROJECTS, POTS, rules))

    return make


@pytest.fixture
def world(make_world: Callable[[Rules], World]) -> World:
    return make_world(RULES)
