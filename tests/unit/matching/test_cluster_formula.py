"""The fixed-point reference of `cluster` is the formula of each form, computed here exactly, to within its rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonde.matching import SCALE, UNIT, Cents, ClusterForm, Groups
from abonde.matching.cluster import cluster_support

Ballots = dict[str, dict[str, Cents]]
Table = Mapping[tuple[str, str], Decimal]

PROJECTS = ["apple", "bread", "cider", "dates"]
PLACES = ["north", "east", "south", "west"]
PEOPLE = [f"person-{number}" for number in range(7)]

rounds = st.dictionaries(
    st.sampled_from(PEOPLE),
    st.dictionaries(st.sampled_from(PROJECTS), st.integers(1, 10**6).map(Cents), min_size=1),
    max_size=7,
)
memberships = st.none() | st.dictionaries(st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(PLACES)))


def weights_of(ballots: Ballots, groups: Groups | None) -> dict[str, dict[str, int]]:
    if groups is None:
        return {person: dict(ballot) for person, ballot in ballots.items()}
    return {person: dict.fromkeys(groups[person], 1) for person in ballots if groups.get(person)}


def decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / exact.denominator


def soft_table(ballots: Ballots, weights: Mapping[str, Mapping[str, int]], project: str) -> Table:
    """A[g,h] = Σ_i N_ig (1 − k_ih) x_i with k = max(N·U·N, 1[i∈h]), in cents, as exact fractions."""
    groups = sorted({group for mine in weights.values() for group in mine})
    n = {(i, g): Fraction(weights[i].get(g, 0), sum(weights[i].values())) for i in weights for g in groups}
    size = {g: sum(mine.get(g, 0) for mine in weights.values()) for g in groups}
    u = {(g, i): Fraction(weights[i].get(g, 0), size[g]) for i in weights for g in groups}
    un = {(g, h): sum(u[g, i] * n[i, h] for i in weights) for g in groups for h in groups}
    k = {
        (i, h): max(sum(n[i, g] * un[g, h] for g in groups), Fraction(h in weights[i]))
        for i in weights
        for h in groups
    }
    return {
        (g, h): decimal(
            sum(
                (n[i, g] * (1 - k[i, h]) * ballots[i][project] for i in weights if project in ballots[i]),
                Fraction(0),
            )
        )
        for g in groups
        for h in groups
    }


def paper_table(ballots: Ballots, weights: Mapping[str, Mapping[str, int]], project: str) -> Table:
    """A[g,h] = Σ_{i∈g} K(i,h) / T_i, in euros; K = √x_i where i shares a group with a member of h, else x_i."""
    groups = sorted({group for mine in weights.values() for group in mine})
    table: dict[tuple[str, str], Decimal] = {}
    for g in groups:
        for h in groups:
            table[g, h] = Decimal(0)
            for i in weights:
                if project in ballots[i] and g in weights[i]:
                    euros = Decimal(ballots[i][project]) / 100
                    near = any(set(weights[i]) & set(weights[j]) for j in weights if h in weights[j])
                    table[g, h] += (euros.sqrt() if near else euros) / len(weights[i])
    return table


TABLES: dict[ClusterForm, Callable[[Ballots, Mapping[str, Mapping[str, int]], str], Table]] = {
    ClusterForm.SOFT: soft_table,
    ClusterForm.PAPER: paper_table,
}


def across(table: Table, error: Decimal) -> Decimal:
    """Σ_{g≠h} √(A[g,h] · A[h,g]), each A moved by `error` but never below 0."""
    moved = {pair: max(value + error, Decimal(0)) if value else value for pair, value in table.items()}
    return sum(((moved[g, h] * moved[h, g]).sqrt() for g, h in moved if g != h), Decimal(0))


@settings(deadline=None)
@given(rounds, memberships, st.sampled_from(ClusterForm))
def test_every_project_is_within_the_rounding_of_the_formula(
    ballots: Ballots, groups: Groups | None, form: ClusterForm
) -> None:
    support = cluster_support(ballots, form=form, groups=groups)
    weights = weights_of(ballots, groups)
    with localcontext() as context:
        context.prec = 50
        for project, raw in support.items():
            table = TABLES[form](ballots, weights, project)
            unit = 1 if form is ClusterForm.SOFT else 100
            found = Decimal(raw) / UNIT / unit
            # A coefficient is rounded to 2⁻³⁰ and multiplied by cents (soft), or the euros themselves are (paper).
            given_in = [ballot[project] for ballot in ballots.values() if project in ballot]
            error = Decimal(sum(given_in) if form is ClusterForm.SOFT else 1 + len(given_in)) / SCALE
            roots = Decimal(len(table)) / SCALE
            assert across(table, -error) - roots <= found <= across(table, error) + roots


def test_two_strangers_by_hand() -> None:
    # Nobody knows anybody: nothing is discounted, and 9 € with 4 € bring 2 · √(9 · 4) = 12 €.
    ballots = {"ada": {"apple": Cents(900)}, "ben": {"apple": Cents(400)}}
    apart = {"ada": frozenset({"north"}), "ben": frozenset({"south"})}
    for form in ClusterForm:
        assert cluster_support(ballots, form=form, groups=apart) == {"apple": 1200 * UNIT}


def test_paper_roots_by_hand() -> None:
    # Cem lives in both places, so that Ada and Ben each share a group with a member of the other's: K is √16 = 4 and √9 = 3 euros,
    # and raw is 2 · √(4 · 3).
    ballots = {"ada": {"apple": Cents(1600)}, "ben": {"apple": Cents(900)}, "cem": {"bread": Cents(100)}}
    groups = {
        "ada": frozenset({"north"}),
        "ben": frozenset({"south"}),
        "cem": frozenset({"north", "south"}),
    }
    support = cluster_support(ballots, form=ClusterForm.PAPER, groups=groups)
    assert support["apple"] == 2 * round(Decimal(12).sqrt() * SCALE) * 100 * SCALE
    assert support["bread"] == 2 * 100 * UNIT // 2  # half of √1 in each of the two places


def test_soft_drift_by_hand() -> None:
    # North has two members, and half of one of them is south's: (0 + 1/2) / 2 = 1/4 of what Ada brings is not new.
    ballots = {"ada": {"apple": Cents(1600)}, "ben": {"apple": Cents(900)}, "cem": {"bread": Cents(100)}}
    groups = {
        "ada": frozenset({"north"}),
        "ben": frozenset({"south"}),
        "cem": frozenset({"north", "south"}),
    }
    support = cluster_support(ballots, form=ClusterForm.SOFT, groups=groups)
    assert support == {"apple": 2 * 1200 * UNIT * 3 // 4, "bread": 0}


@pytest.mark.parametrize("form", ClusterForm)
def test_people_of_one_group_bring_exactly_nothing(form: ClusterForm) -> None:
    ballots = {person: {"apple": Cents(1234), "bread": Cents(77)} for person in PEOPLE}
    assert cluster_support(ballots, form=form, groups=dict.fromkeys(PEOPLE, frozenset({"north"}))) == {
        "apple": 0,
        "bread": 0,
    }
