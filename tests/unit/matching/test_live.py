"""The live state never drifts from a full count, and its estimates never leave the cent."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonde.matching import (
    PRESETS,
    Cents,
    Counting,
    Earmark,
    Gift,
    Mechanism,
    Pot,
    Project,
    Refusal,
    Rules,
    Sharing,
    allocate,
    tally_gifts,
)
from abonde.matching.live import LiveRound

PROJECTS = [
    Project(key="canteen", challenge="food", place="north", need=Cents(90_000)),
    Project(key="garden", challenge="food", place="south"),
    Project(key="map", challenge="mobility", place="north"),
    Project(key="seeds", challenge="food", place="south", need=Cents(20_000)),
    Project(key="workshop", challenge="mobility", place="south"),
]
POTS = [
    Pot(key="general", funders={"bank": Cents(100_000)}),
    Pot(key="food", funders={"grocer": Cents(30_001)}, earmark=Earmark(challenge="food")),
    Pot(key="south", funders={"mill": Cents(7_777)}, earmark=Earmark(place="south")),
]
gifts_of_people = st.lists(
    st.tuples(
        st.sampled_from([f"person-{number}" for number in range(12)]),
        st.sampled_from([project.key for project in PROJECTS]),
        st.sampled_from([1, 499, 500, 1000, 1999, 5000, 50_000]),
        st.booleans(),
    ),
    max_size=60,
)
rules_in_use = st.builds(
    Rules,
    mechanism=st.sampled_from([Mechanism.QUADRATIC, Mechanism.PROPORTIONAL]),
    counting=st.builds(
        Counting,
        count_from=st.sampled_from([None, Cents(500)]),
        count_up_to=st.sampled_from([None, Cents(5000)]),
    ),
    min_supporters=st.sampled_from([None, 2]),
    max_share=st.sampled_from([None, Fraction(1, 10), Fraction(1, 3)]),
    max_ratio=st.sampled_from([None, Fraction(1, 2), Fraction(3)]),
    cap_at_need=st.booleans(),
    sharing=st.sampled_from(Sharing),
    redistribute=st.booleans(),
)


def play(live: LiveRound, gifts: list[Gift]) -> None:
    """Take the gifts in one by one, as payments settle."""
    sums: dict[tuple[str, str], int] = {}
    for gift in gifts:
        before = sums.get((gift.person, gift.project), 0)
        after = before + gift.cents * gift.eligible
        live.move(gift.project, before=before, after=after, received=gift.cents)
        sums[gift.person, gift.project] = after


@given(rows=gifts_of_people, rules=rules_in_use, pots=st.sampled_from([POTS[:1], POTS]))
def test_the_state_after_every_gift_is_the_state_of_a_full_count(
    rows: list[tuple[str, str, int, bool]], rules: Rules, pots: list[Pot]
) -> None:
    gifts = [Gift(*row) for row in rows]
    live = LiveRound(projects=PROJECTS, tally={}, pots=pots, rules=rules)
    play(live, gifts)
    counted = tally_gifts(gifts, rules)
    recounted = allocate(projects=PROJECTS, tally=counted, pots=pots, rules=rules)
    assert live.tally() == recounted.tally
    exact = list(recounted.matching.values())
    # Each pot rounds each project by less than a cent, and a later pot's ceiling inherits the earlier rounding.
    assert live.estimates() == pytest.approx(exact, abs=2 * len(pots) ** 2)


@given(rows=gifts_of_people, rules=rules_in_use)
def test_a_gift_taken_back_leaves_no_trace(rows: list[tuple[str, str, int, bool]], rules: Rules) -> None:
    live = LiveRound(
        projects=PROJECTS, tally=tally_gifts([Gift(*row) for row in rows], rules), pots=POTS, rules=rules
    )
    before = (live.tally(), live.estimates().tolist())
    live.effect("garden", before=0, after=1500)
    assert (live.tally(), live.estimates().tolist()) == before


def test_one_more_person_brings_more_than_one_more_euro() -> None:
    gifts = [Gift(f"p{n}", "garden", 1000) for n in range(9)] + [Gift(f"q{n}", "map", 1000) for n in range(9)]
    rules = PRESETS["plain"]
    live = LiveRound(projects=PROJECTS, tally=tally_gifts(gifts, rules), pots=POTS[:1], rules=rules)
    new_person = live.effect("garden", before=0, after=1000)
    larger_gift = live.effect("garden", before=1000, after=2000)
    assert new_person > 2 * larger_gift > 0


@pytest.mark.parametrize("mechanism", [Mechanism.PAIRWISE, Mechanism.CLUSTER, Mechanism.HEADS])
def test_mechanisms_in_which_one_gift_moves_other_projects_are_refused(mechanism: Mechanism) -> None:
    with pytest.raises(Refusal, match="no live estimate"):
        LiveRound(projects=PROJECTS, tally={}, pots=POTS, rules=Rules(mechanism=mechanism))


def test_an_unknown_project_is_named() -> None:
    live = LiveRound(projects=PROJECTS, tally={}, pots=POTS, rules=PRESETS["plain"])
    with pytest.raises(Refusal, match="'gardens' is not among"):
        live.move("gardens", before=0, after=500)
