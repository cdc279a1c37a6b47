"""The result in PostgreSQL is the pure reference's, to the cent, under every mechanism."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonde import matching
from abonde.matching import PRESETS, Cents, Counting, Earmark, Gift, Mechanism, explain, funder_statements
from abonde.settlement.actions import compute_result
from abonde.settlement.computing import explanation
from abonde.settlement.models import PotLine
from abonde.settlement.queries import statements_of
from tests.domain.settlement.world import Plan, World, build

CHALLENGES = st.sampled_from([None, "food", "energy"])
PLACES = st.sampled_from([None, "26001", "26002"])


@st.composite
def plans(draw: st.DrawFn, mechanism: Mechanism) -> Plan:
    keys = [f"project-{number}" for number in range(draw(st.integers(1, 6)))]
    projects = [
        matching.Project(
            key=key,
            name=key,
            challenge=draw(CHALLENGES),
            place=draw(PLACES),
            need=Cents(draw(st.sampled_from([5_000, 100_000, 10_000_000]))),
        )
        for key in keys
    ]
    voices = {f"person {number}": draw(st.booleans()) or number < 3 for number in range(9)}
    gifts = [
        Gift(person, draw(st.sampled_from(keys)), draw(st.integers(1, 30_000)), voices[person])
        for person in draw(st.lists(st.sampled_from(sorted(voices)), max_size=25))
    ]
    pots = [
        matching.Pot(
            key=f"pot-{number}",
            funders={
                funder: Cents(draw(st.integers(1, 5_000_000)))
                for funder in draw(st.sets(st.sampled_from(["mutual", "baker", "town"]), min_size=1))
            },
            earmark=Earmark(challenge=draw(CHALLENGES), place=draw(PLACES)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    rules = draw(
        st.sampled_from(
            [
                PRESETS["plain"],
                replace(PRESETS["guarded"], min_supporters=2),
                replace(
                    PRESETS["plain"], counting=Counting(count_from=Cents(500), count_up_to=Cents(20_000))
                ),
            ]
        )
    )
    return Plan(gifts, projects, pots, rules.with_mechanism(mechanism))


@pytest.mark.parametrize("mechanism", Mechanism)
def test_the_result_is_that_of_the_reference(database: None, mechanism: Mechanism) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(plans(mechanism))
    def check(plan: Plan) -> None:
        world = build(plan)
        computation = compute_result(round=world.round, reason="close", person=world.manager)
        expected = world.allocation()
        lines = {line.project.slug: line for line in computation.lines.select_related("project")}
        assert {key: line.matching for key, line in lines.items()} == dict(expected.matching)
        for key, line in lines.items():
            tally = expected.tally[key]
            assert (line.received, line.persons, line.counted) == (
                tally.received,
                tally.persons,
                tally.counted,
            )
            assert line.explanation == explanation(expected, key)
            assert [pot["result"] for pot in line.explanation["pots"]] == [
                step.result for step in explain(expected, key)
            ]
        assert sum(line.matching for line in lines.values()) == computation.matching
        fund = sum(pot.amount for pot in world.plan.pots)
        assert computation.matching + computation.left == fund
        _check_pots(world, expected)

    check()


def _check_pots(world: World, expected: matching.Allocation) -> None:
    found = set(
        PotLine.objects.filter(computation__round=world.round).values_list(
            "pot__key", "project__slug", "cents"
        )
    )
    assert found == {
        (part.pot.key, key, cents)
        for part in expected.pots
        for key, cents in zip(part.projects, part.shared.cents, strict=True)
        if cents
    }
    for slug, funder in world.funders.items():
        statement = statements_of(funder, world.round)
        assert statement is not None
        reference = [one for part in expected.pots for one in funder_statements(part) if one.funder == slug]
        served = {pot.key for pot in (part.pot for part in expected.pots)}
        assert [one for one in statement.pots if one.pot in served] == reference
        assert statement.given == sum(cents for _, cents in statement.projects) + statement.returned
        assert statement.given == sum(pot.funders.get(slug, 0) for pot in world.plan.pots)
        assert statement.reached == _reached(world, {project.slug for project, _ in statement.projects}, slug)


def _reached(world: World, _: set[str], slug: str) -> int:
    """Those who count on a project that a pot with the funder's money added to."""
    allocation = world.allocation()
    projects = {
        key
        for part in allocation.pots
        if part.pot.funders.get(slug)
        for key, cents in zip(part.projects, part.shared.cents, strict=True)
        if cents
    }
    given: dict[tuple[str, str], int] = {}
    for gift in world.plan.gifts:
        if gift.eligible:
            given[gift.person, gift.project] = given.get((gift.person, gift.project), 0) + gift.cents
    counting = world.plan.rules.counting
    return len(
        {person for (person, key), cents in given.items() if key in projects and counting.count(cents)}
    )
