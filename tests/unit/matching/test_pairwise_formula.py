"""The fixed-point reference of `pairwise` is the formula, computed here with 50 digits, to within its rounding."""

from __future__ import annotations

from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from abonde.matching import SCALE, UNIT, Cents
from abonde.matching.pairwise import pairwise_support

Ballots = dict[str, dict[str, Cents]]

PROJECTS = ["apple", "bread", "cider", "dates"]
PEOPLE = [f"person-{number}" for number in range(8)]

rounds = st.dictionaries(
    st.sampled_from(PEOPLE),
    st.dictionaries(st.sampled_from(PROJECTS), st.integers(1, 10**7).map(Cents), min_size=1),
    max_size=8,
)


def from_the_formula(ballots: Ballots, project: str, m: int) -> Decimal:
    """raw[p] = Σ_{i≠j} √x_ip √x_jp · M / (M + K_ij), in cents, over ordered pairs."""
    total = Decimal(0)
    for i, one in ballots.items():
        for j, other in ballots.items():
            if i != j and project in one and project in other:
                agreement = sum((Decimal(one[q] * other[q]).sqrt() for q in one if q in other), Decimal(0))
                total += Decimal(one[project] * other[project]).sqrt() * m / (m + agreement)
    return total


@settings(deadline=None)
@given(rounds, st.sampled_from([1, 100, 2500, 10**6]))
def test_every_project_is_within_the_rounding_of_the_formula(ballots: Ballots, m: int) -> None:
    support = pairwise_support(ballots, m=Cents(m))
    with localcontext() as context:
        context.prec = 50
        for project, raw in support.items():
            exact = from_the_formula(ballots, project, m)
            pairs = sum(project in ballot for ballot in ballots.values()) ** 2
            # Half a step of 2⁻³⁰ cents by pair, and what doubles lose in some ten operations.
            allowed = Decimal(pairs) / (2 * SCALE) + exact / 2**48
            assert abs(Decimal(raw) / UNIT - exact) <= allowed


def test_two_people_by_hand() -> None:
    # √900 · √400 = 600 and K = 600, or 600 + √100 · √2500 = 1100 where they also meet on another project.
    once = {"ada": {"apple": Cents(900)}, "ben": {"apple": Cents(400)}}
    twice = {
        "ada": {"apple": Cents(900), "bread": Cents(100)},
        "ben": {"apple": Cents(400), "bread": Cents(2500)},
    }
    m = Cents(2500)
    assert pairwise_support(once, m=m) == {"apple": 2 * round(600 * 2500 * SCALE / 3100) * SCALE}
    assert pairwise_support(twice, m=m) == {
        "apple": 2 * round(600 * 2500 * SCALE / 3600) * SCALE,
        "bread": 2 * round(500 * 2500 * SCALE / 3600) * SCALE,
    }


@settings(deadline=None)
@given(rounds)
def test_agreeing_elsewhere_never_raises_support(ballots: Ballots) -> None:
    alone = {
        project: pairwise_support(
            {person: {project: ballot[project]} for person, ballot in ballots.items() if project in ballot},
            m=Cents(2500),
        )[project]
        for ballot in ballots.values()
        for project in ballot
    }
    support = pairwise_support(ballots, m=Cents(2500))
    assert all(support[project] <= alone[project] for project in support)


def test_a_lone_supporter_brings_exactly_nothing() -> None:
    assert pairwise_support({"ada": {"apple": Cents(100_000)}}, m=Cents(2500)) == {"apple": 0}
