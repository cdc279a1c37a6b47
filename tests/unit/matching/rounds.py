"""Small rounds for the property tests: every shape that a real one could have, in a dozen people."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from abonde.matching import (
    Cents,
    ClusterForm,
    Counting,
    Earmark,
    Gift,
    Mechanism,
    Pot,
    Project,
    Rules,
    Sharing,
)

KEYS = ["canteen", "garden", "map", "seeds", "workshop"]
PEOPLE = [f"person-{number}" for number in range(10)]
SIMPLE = [Mechanism.QUADRATIC, Mechanism.HEADS, Mechanism.PROPORTIONAL]

amounts = st.sampled_from([1, 99, 500, 777, 1000, 2500, 5000, 100_000])
gifts = st.lists(
    st.builds(
        Gift, st.sampled_from(PEOPLE), st.sampled_from(KEYS), amounts, st.sampled_from([True, True, False])
    ),
    max_size=40,
)
projects = st.fixed_dictionaries(
    {
        key: st.builds(
            Project,
            key=st.just(key),
            challenge=st.sampled_from(["food", "mobility"]),
            place=st.sampled_from(["north", "south"]),
            need=st.sampled_from([None, Cents(0), Cents(3_000), Cents(200_000)]),
        )
        for key in KEYS
    }
).map(lambda by_key: list(by_key.values()))
countings = st.builds(
    Counting,
    count_from=st.sampled_from([None, Cents(500)]),
    count_up_to=st.sampled_from([None, Cents(2_500)]),
    steps=st.sampled_from([None, (Cents(500), Cents(1_000), Cents(2_000))]),
)


def rules_under(mechanisms: list[Mechanism]) -> st.SearchStrategy[Rules]:
    """Rules with every combination of limits, under one of the mechanisms."""
    return st.builds(
        Rules,
        mechanism=st.sampled_from(mechanisms),
        counting=countings,
        min_supporters=st.sampled_from([None, 1, 3]),
        max_share=st.sampled_from([None, Fraction(1, 10), Fraction(1, 3), Fraction(1)]),
        max_ratio=st.sampled_from([None, Fraction(1, 3), Fraction(2)]),
        cap_at_need=st.booleans(),
        sharing=st.sampled_from([Sharing.WHOLE_POT] if Mechanism.HEADS in mechanisms else list(Sharing)),
        redistribute=st.booleans(),
        cluster_form=st.sampled_from(ClusterForm),
    )


rules = rules_under(list(Mechanism)) | rules_under(
    [Mechanism.QUADRATIC, Mechanism.PAIRWISE, Mechanism.PROPORTIONAL]
)
earmarks = st.builds(
    Earmark, challenge=st.sampled_from([None, "food"]), place=st.sampled_from([None, "north"])
)


@st.composite
def pots(draw: st.DrawFn) -> list[Pot]:
    """Up to three pots. An earmark only names what some project has: see `fitting`."""
    count = draw(st.integers(0, 3))
    stakes = st.dictionaries(
        st.sampled_from(["bank", "grocer", "mill", "press"]), st.integers(0, 300_000).map(Cents), max_size=4
    )
    return [Pot(key=f"pot-{number}", funders=draw(stakes), earmark=draw(earmarks)) for number in range(count)]


def fitting(pots: list[Pot], projects: list[Project]) -> list[Pot]:
    """The pots whose earmark names a challenge and a place that exist."""
    challenges = {None, *(project.challenge for project in projects)}
    places = {None, *(project.place for project in projects)}
    return [pot for pot in pots if pot.earmark.challenge in challenges and pot.earmark.place in places]
