"""Which pot is served first, whom it may match, and what a round refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from abonde.matching import (
    LARGEST_GIFT,
    LARGEST_POT,
    PRESETS,
    Allocation,
    Cents,
    Earmark,
    Gift,
    Mechanism,
    Pot,
    Project,
    ProjectTally,
    Refusal,
    allocate,
    explain,
    in_serving_order,
    marginal_effect,
    reaching,
    tally_gifts,
)

rule = pytest.mark.rule
PLAIN = PRESETS["plain"]
SEEDS = Project(key="seeds", challenge="food", place="north")


def pot(key: str = "pot", cents: int = 100, *, challenge: str | None = None, place: str | None = None) -> Pot:
    return Pot(key=key, funders={"town": Cents(cents)}, earmark=Earmark(challenge=challenge, place=place))


@rule("pots.order")
def test_from_the_most_to_the_least_specific() -> None:
    pots = [
        pot("b-general"),
        pot("a-general"),
        pot("b-place", place="north"),
        pot("z-challenge", challenge="food"),
        pot("z-both", challenge="food", place="north"),
    ]
    expected = ["z-both", "z-challenge", "b-place", "a-general", "b-general"]
    assert [one.key for one in in_serving_order(pots)] == expected


@rule("pots.order")
@pytest.mark.parametrize(
    ("earmark", "accepted"),
    [
        (Earmark(), True),
        (Earmark(challenge="food"), True),
        (Earmark(place="north"), True),
        (Earmark(challenge="food", place="north"), True),
        (Earmark(challenge="food", place="south"), False),
        (Earmark(challenge="travel", place="north"), False),
        (Earmark(place="south"), False),
    ],
)
def test_earmarks(earmark: Earmark, *, accepted: bool) -> None:
    assert earmark.accepts(SEEDS) is accepted
    assert Earmark().accepts(Project(key="anything"))
    assert not Earmark(place="north").accepts(Project(key="nowhere"))


@rule("bounds.refused")
@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda: allocate_with([SEEDS, SEEDS], []), "Project seeds is there twice"),
        (lambda: allocate_with([SEEDS], [pot(), pot()]), "Pot pot is there twice"),
        (
            lambda: allocate_with([SEEDS], [pot(challenge="fodo")]),
            "challenge 'fodo', which no project has; known are: food",
        ),
        (
            lambda: allocate_with([SEEDS], [pot(place="south")]),
            "place 'south', which no project has; known are: north",
        ),
        (lambda: allocate_with([], [pot(place="south")]), "known are: —"),
        (lambda: allocate_with([SEEDS], [], "bikes"), "Project bikes has received gifts but is not among"),
        (lambda: pot(cents=-1), "Pot pot: town cannot bring a negative amount"),
        (lambda: pot(cents=LARGEST_POT + 1), "more than any fund"),
        (lambda: tally_gifts([Gift("Ana", "seeds", 0)], PLAIN), "gift of Ana to seeds is of 0 cents"),
        (lambda: tally_gifts([Gift("Ana", "seeds", -5)], PLAIN), "is of -5 cents"),
        (
            lambda: tally_gifts([Gift("Ana", "seeds", LARGEST_GIFT + 1)], PLAIN),
            "between 1 and 999999999999 cents",
        ),
        (lambda: explain(allocate_with([SEEDS], []), "bikes"), "Project 'bikes' is not among"),
        (
            lambda: marginal_effect(allocate_with([SEEDS], []), "bikes", Cents(5)),
            "Project 'bikes' is not among",
        ),
    ],
)
def test_refusals(act: Callable[[], object], sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        act()
    assert sentence in str(caught.value)


def allocate_with(projects: list[Project], pots: list[Pot], *keys: str) -> Allocation:
    return allocate(projects=projects, tally={key: ProjectTally() for key in keys}, pots=pots, rules=PLAIN)


@rule("marginal.difference")
@pytest.mark.parametrize("mechanism", [Mechanism.PAIRWISE, Mechanism.CLUSTER])
def test_no_marginal_effect_without_a_new_count(mechanism: Mechanism) -> None:
    rules = PLAIN.with_mechanism(mechanism)
    allocation = allocate(projects=[SEEDS], tally={}, pots=[], rules=rules)
    with pytest.raises(Refusal, match="count again"):
        marginal_effect(allocation, "seeds", Cents(500))


@rule("bounds.refused")
@pytest.mark.parametrize("cents", [-500, 0, LARGEST_GIFT + 1])
def test_no_marginal_effect_of_what_is_no_gift(cents: int) -> None:
    allocation = allocate(projects=[Project(key="seeds")], tally={}, pots=[], rules=PRESETS["plain"])
    with pytest.raises(Refusal, match="between 1 and"):
        marginal_effect(allocation, "seeds", Cents(cents))


def test_the_largest_amounts_stay_exact() -> None:
    gifts = [Gift(f"person-{n}", "seeds", LARGEST_GIFT) for n in range(1000)]
    tally = tally_gifts(gifts, PLAIN)
    assert tally["seeds"].counted == 1000 * LARGEST_GIFT
    allocation = allocate(projects=[SEEDS], tally=tally, pots=[pot(cents=LARGEST_POT)], rules=PLAIN)
    assert allocation.matching == {"seeds": LARGEST_POT}


def test_the_mechanism_is_light_to_import() -> None:
    heavy = {"click", "django", "duckdb", "numba", "numpy", "pyarrow", "pyspark", "rich"}
    code = "import sys, abonde.matching; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "abonde" in loaded
    assert not heavy & set(loaded)


def test_pots_for_what_nobody_answered_are_those_that_allocate_refuses() -> None:
    answered = pot("answered", challenge="food")
    apart = pot("apart", challenge="food", place="south")
    pots = [answered, pot("no-challenge", challenge="energy"), pot("no-place", place="west"), pot(), apart]
    projects = [SEEDS, Project(key="bikes", place="south")]
    assert reaching(pots, projects) == [answered, pot(), apart]
    assert allocate(projects=projects, tally={}, pots=reaching(pots, projects), rules=PLAIN).unspent == 300
