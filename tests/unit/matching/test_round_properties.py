"""What holds for every round: the properties that make the mechanism worth trusting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from abonde.matching import (
    EXAMPLE_GIFTS,
    UNIT,
    Allocation,
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
    allocate,
    difference,
    explain,
    funder_statements,
    marginal_effect,
    raw_support,
    tally_gifts,
)
from abonde.matching.allocation import reallocate
from abonde.matching.live import LiveRound

rule = pytest.mark.rule

PROJECTS = [
    Project(key="canteen", challenge="food", place="north", need=Cents(60_000)),
    Project(key="garden", challenge="food", place="south"),
    Project(key="map", challenge="travel", place="north"),
    Project(key="seeds", challenge="food", place="south", need=Cents(9_000)),
]
KEYS = [project.key for project in PROJECTS]
EARMARKS = [
    Earmark(),
    Earmark(challenge="food"),
    Earmark(place="south"),
    Earmark(challenge="food", place="north"),
]

gift_lists = st.lists(
    st.builds(
        Gift,
        person=st.sampled_from([f"person-{n}" for n in range(8)]),
        project=st.sampled_from(KEYS),
        cents=st.sampled_from([1, 400, 499, 500, 1000, 2500]) | st.integers(1, 10**6),
        eligible=st.sampled_from([True, True, True, False]),
    ),
    max_size=24,
)
pot_lists = st.lists(
    st.tuples(st.sampled_from(EARMARKS), st.lists(st.integers(0, 40_000), max_size=3)), max_size=4
).map(
    lambda drawn: [
        Pot(key=f"pot-{n}", earmark=mark, funders={f"funder-{k}": Cents(c) for k, c in enumerate(funders)})
        for n, (mark, funders) in enumerate(drawn)
    ]
)
countings = st.builds(
    Counting,
    count_from=st.sampled_from([None, Cents(500)]),
    count_up_to=st.sampled_from([None, Cents(2000)]),
    steps=st.sampled_from([None, (Cents(100), Cents(500), Cents(1000))]),
)


def rules_with(*mechanisms: Mechanism) -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        mechanism=st.sampled_from(mechanisms),
        counting=countings,
        min_supporters=st.sampled_from([None, 2]),
        max_share=st.sampled_from([None, Fraction(1, 10), Fraction(1, 3)]),
        max_ratio=st.sampled_from([None, Fraction(1, 2), Fraction(3)]),
        cap_at_need=st.booleans(),
        redistribute=st.booleans(),
        cluster_form=st.sampled_from(list(ClusterForm)),
    )


any_rules = rules_with(*Mechanism)
PAIRS_ONLY = (Mechanism.QUADRATIC, Mechanism.PAIRWISE, Mechanism.CLUSTER)
OWN_TALLY = (Mechanism.QUADRATIC, Mechanism.HEADS, Mechanism.PROPORTIONAL)


def result(
    gifts: Iterable[Gift], pots: Iterable[Pot], rules: Rules, projects: Iterable[Project] = PROJECTS
) -> Allocation:
    return allocate(projects=projects, tally=tally_gifts(gifts, rules), pots=pots, rules=rules)


@rule("promise.conservation", "limits.max-share", "limits.max-ratio", "limits.need", "pots.carry")
@given(gift_lists, pot_lists, any_rules)
def test_conservation_and_ceilings(gifts: list[Gift], pots: list[Pot], rules: Rules) -> None:
    allocation = result(gifts, pots, rules)
    fund = sum(pot.amount for pot in pots)
    assert sum(allocation.matching.values()) + allocation.unspent == fund
    for part in allocation.pots:
        assert sum(part.shared.cents) + part.unspent == part.pot.amount
    for project in PROJECTS:
        added, tally = allocation.matching[project.key], allocation.tally[project.key]
        assert rules.max_share is None or added <= rules.max_share * fund
        assert rules.max_ratio is None or added <= rules.max_ratio * tally.counted
        if rules.cap_at_need and project.need is not None:
            assert added <= max(project.need - tally.received, 0)


@rule("sharing.unspent")
@given(gift_lists, pot_lists, any_rules)
def test_nothing_is_unspent_while_somebody_could_take_it(
    gifts: list[Gift], pots: list[Pot], rules: Rules
) -> None:
    for part in result(gifts, pots, replace(rules, redistribute=True)).pots:
        for place, raw in enumerate(part.raw):
            tops = [top for by_project in part.ceilings.values() if (top := by_project[place]) is not None]
            assert not part.unspent or not raw or part.shared.cents[place] == min(tops)


@rule("promise.determinism")
@given(gift_lists, pot_lists, any_rules, st.data())
def test_order_of_rows_changes_nothing(
    gifts: list[Gift], pots: list[Pot], rules: Rules, data: st.DataObject
) -> None:
    expected = result(gifts, pots, rules)
    gifts, pots = data.draw(st.permutations(gifts)), data.draw(st.permutations(pots))
    assert result(gifts, pots, rules, data.draw(st.permutations(PROJECTS))) == expected


@given(gift_lists, gift_lists, pot_lists, any_rules)
def test_sharing_out_again_with_other_tallies_is_sharing_them_out(
    gifts: list[Gift], more: list[Gift], pots: list[Pot], rules: Rules
) -> None:
    before, after = result(gifts, pots, rules), result([*gifts, *more], pots, rules)
    changed = {key: tally for key, tally in after.tally.items() if tally != before.tally[key]}
    assert reallocate(before, changed) == after


@rule("promise.renaming")
@given(gift_lists, pot_lists, any_rules, st.data())
def test_renaming(gifts: list[Gift], pots: list[Pot], rules: Rules, data: st.DataObject) -> None:
    """People under any other names, and projects under names of the same byte order, get the same cents."""
    people = sorted({gift.person for gift in gifts})
    names = dict(zip(people, data.draw(st.permutations([f"é{n}" for n in range(len(people))])), strict=True))
    keys = {key: f"{place}-{key[::-1]}" for place, key in enumerate(KEYS)}
    renamed = [gift._replace(person=names[gift.person], project=keys[gift.project]) for gift in gifts]
    projects = [project._replace(key=keys[project.key]) for project in PROJECTS]
    expected = {keys[key]: cents for key, cents in result(gifts, pots, rules).matching.items()}
    assert result(renamed, pots, rules, projects).matching == expected


@rule("merge.sum")
@given(gift_lists, pot_lists, any_rules)
def test_merging_changes_nothing(gifts: list[Gift], pots: list[Pot], rules: Rules) -> None:
    sums: dict[tuple[str, str, bool], int] = {}
    for person, project, cents, eligible in gifts:
        sums[person, project, eligible] = sums.get((person, project, eligible), 0) + cents
    merged = [Gift(person, project, cents, eligible) for (person, project, eligible), cents in sums.items()]
    assert result(merged, pots, rules) == result(gifts, pots, rules)


@rule("lone-donor")
@given(
    st.dictionaries(st.sampled_from(KEYS), st.integers(1, 10**12 - 1), min_size=1),
    st.sampled_from(PAIRS_ONLY),
    countings,
)
def test_a_lone_donor_brings_nothing(
    ballot: dict[str, int], mechanism: Mechanism, counting: Counting
) -> None:
    rules = Rules(mechanism=mechanism, counting=counting)
    tally = tally_gifts([Gift("Ana", project, cents) for project, cents in ballot.items()], rules)
    assert [raw_support(found, rules) for found in tally.values()] == [0] * len(ballot)


@rule("lone-donor")
@given(gift_lists, st.integers(1, 10**12 - 1), st.sampled_from(PAIRS_ONLY))
def test_a_lone_donor_brings_nothing_in_company(gifts: list[Gift], cents: int, mechanism: Mechanism) -> None:
    rules = Rules(mechanism=mechanism)
    assert raw_support(tally_gifts([*gifts, Gift("person-0", "own", cents)], rules)["own"], rules) == 0


@rule("quadratic.pairs", "attacks.measured")
@given(gift_lists, st.integers(1, 10**6), st.integers(1, 10**6))
def test_splitting_a_person_never_lowers_support(gifts: list[Gift], one: int, other: int) -> None:
    rules = Rules()
    whole = tally_gifts([*gifts, Gift("Ana", "seeds", one + other)], rules)["seeds"]
    split = tally_gifts([*gifts, Gift("Ana", "seeds", one), Gift("Anna", "seeds", other)], rules)["seeds"]
    # r is rounded down: √a + √b ≥ √(a+b) holds exactly, but the sum of two floors may be short by one unit.
    slack = 2 * (split.roots + 1)
    assert raw_support(split, rules) + slack >= raw_support(whole, rules)


@rule("marginal.difference")
@given(gift_lists, pot_lists, rules_with(*OWN_TALLY), st.sampled_from(KEYS), st.sampled_from(EXAMPLE_GIFTS))
def test_marginal_effect(gifts: list[Gift], pots: list[Pot], rules: Rules, project: str, gift: Cents) -> None:
    before = result(gifts, pots, rules)
    after = result([*gifts, Gift("newcomer", project, gift)], pots, rules)
    effect = marginal_effect(before, project, gift)
    assert effect == difference(before, after, project, gift)
    assert effect.here + sum(effect.elsewhere.values()) + effect.unspent == 0


@rule("promise.conservation")
@given(gift_lists, pot_lists, any_rules, st.lists(st.text(min_size=1), unique=True, max_size=5))
def test_projects_without_gifts_change_nothing(
    gifts: list[Gift], pots: list[Pot], rules: Rules, keys: list[str]
) -> None:
    assume(not set(keys) & set(KEYS))
    more = [*PROJECTS, *(Project(key=key, challenge="food", place="north") for key in keys)]
    expected = {**dict.fromkeys(keys, 0), **result(gifts, pots, rules).matching}
    assert result(gifts, pots, rules, more).matching == expected


@rule("promise.conservation")
@given(pot_lists, any_rules)
def test_no_gifts_and_no_projects(pots: list[Pot], rules: Rules) -> None:
    fund = sum(pot.amount for pot in pots)
    assert result([], pots, rules).unspent == fund
    general = [replace(pot, earmark=Earmark()) for pot in pots]
    assert result([], general, rules, []).unspent == fund
    assert result([], [], rules, []).matching == {}


@rule("explanation.adds-up")
@given(gift_lists, pot_lists, any_rules)
def test_explanations_add_up(gifts: list[Gift], pots: list[Pot], rules: Rules) -> None:
    allocation = result(gifts, pots, rules)
    for key in KEYS:
        found = explain(allocation, key)
        assert sum(line.result for line in found) == allocation.matching[key]
        for line in found:
            assert line.before_limits - line.cut + line.redistributed + line.rounding == line.result
            assert line.cut >= 0
            assert line.redistributed >= 0
            assert abs(line.rounding) < 1
            assert rules.redistribute or line.redistributed == 0


@rule("sharing.ideal")
@given(gift_lists, pot_lists, st.sampled_from(PAIRS_ONLY))
def test_the_ideal_holds_over_all_pots(gifts: list[Gift], pots: list[Pot], mechanism: Mechanism) -> None:
    rules = Rules(mechanism=mechanism, sharing=Sharing.UP_TO_IDEAL, cap_at_need=False)
    allocation = result(gifts, pots, rules)
    for key, added in allocation.matching.items():
        assert added * UNIT <= raw_support(allocation.tally[key], rules)


@rule("limits.absent", "limits.min-supporters")
@given(gift_lists, pot_lists, rules_with(Mechanism.QUADRATIC))
def test_absent_limits_equal_limits_out_of_reach(gifts: list[Gift], pots: list[Pot], rules: Rules) -> None:
    fund = sum(pot.amount for pot in pots)
    absent = replace(rules, min_supporters=None, max_share=None, max_ratio=None)
    far = replace(rules, min_supporters=1, max_share=Fraction(1), max_ratio=Fraction(fund + 1))
    assert result(gifts, pots, absent).matching == result(gifts, pots, far).matching


@rule("statements.exact", "statements.cell")
@settings(max_examples=50)
@given(gift_lists, pot_lists, rules_with(*OWN_TALLY))
def test_statements(gifts: list[Gift], pots: list[Pot], rules: Rules) -> None:
    for part in result(gifts, pots, rules).pots:
        found = funder_statements(part)
        assert [line.funder for line in found] == sorted(part.pot.funders)
        for line in found:
            assert line.given == part.pot.funders[line.funder] == sum(line.spent.values()) + line.returned
        for key, cents in zip(part.projects, part.shared.cents, strict=True):
            assert sum(line.spent.get(key, 0) for line in found) == (cents if found else 0)


@rule("cluster.soft", "cluster.rounding")
@given(gift_lists, st.integers(2, 9))
def test_soft_cluster_follows_the_unit(gifts: list[Gift], times: int) -> None:
    """Linear in x: everything given so many times over brings so many times the support."""
    rules = Rules(mechanism=Mechanism.CLUSTER)
    groups = {f"person-{n}": frozenset({f"place-{n % 3}", f"place-{n % 2}"}) for n in range(8)}
    once = tally_gifts(gifts, rules, groups=groups)
    more = tally_gifts([gift._replace(cents=gift.cents * times) for gift in gifts], rules, groups=groups)
    for key, found in once.items():
        # Each of at most six ordered pairs of groups is rounded once to 2⁻³⁰ cents, up to a double's precision.
        assert more[key].linked == pytest.approx(found.linked * times, rel=1e-12, abs=6 * times * 2**30)


@rule("pairwise.rounding")
@given(gift_lists)
def test_pairwise_is_never_above_quadratic(gifts: list[Gift]) -> None:
    """Whole numbers of 2⁻³⁰ cents, at most the quadratic support but for the rounding of each pair."""
    rules = Rules(mechanism=Mechanism.PAIRWISE)
    for found in tally_gifts(gifts, rules).values():
        assert found.linked % 2**30 == 0
        quadratic = raw_support(found, rules.with_mechanism(Mechanism.QUADRATIC))
        assert found.linked <= quadratic * (1 + Fraction(1, 10**6)) + found.persons**2 * 2**30


@rule("live.exact-state")
@given(gift_lists)
def test_live_state_is_the_full_count(gifts: list[Gift]) -> None:
    rules, whole = Rules(), {gift.project for gift in gifts}
    moved = LiveRound(projects=PROJECTS, tally={}, pots=[Pot(key="pot", funders={})], rules=rules)
    sums: dict[tuple[str, str], int] = {}
    for person, project, cents, eligible in gifts:
        before = sums.get((person, project), 0)
        sums[person, project] = before + (cents if eligible else 0)
        moved.move(project, before=before, after=sums[person, project], received=cents)
    expected = tally_gifts(gifts, rules)
    assert all(moved.tally()[key] == expected[key] for key in whole)
