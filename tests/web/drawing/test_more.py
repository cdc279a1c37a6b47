"""What more people would bring a project: the difference of full allocations, drawn to scale."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils.translation import override

from abonde.giving.queries import Estimate
from abonde.matching import (
    Allocation,
    Cents,
    Gift,
    Mechanism,
    Pot,
    Project,
    Rules,
    allocate,
    read_rules,
    tally_gifts,
)
from abonde.projects.states import State as ProjectState
from abonde.rounds.states import State
from abonde.web.drawing.more import WIDEST, more_svg, prospects, usual_gift
from tests.factories import a_project, a_round

PLACE = Template("{% load drawing %}{% more_people estimate key %}")
AT = datetime(2026, 6, 1, tzinfo=UTC)
GIFTS = [Gift(f"a{n}", "garden", 900) for n in range(12)] + [Gift(f"b{n}", "bakery", 2000) for n in range(30)]


def allocated(gifts: list[Gift], rules: Rules, need: int | None = None) -> Allocation:
    return allocate(
        projects=[Project(key="garden", need=None if need is None else Cents(need)), Project(key="bakery")],
        tally=tally_gifts(gifts, rules),
        pots=[Pot(key="fund", funders={"fund": Cents(500_000)})],
        rules=rules,
    )


@pytest.mark.parametrize("mechanism", [Mechanism.QUADRATIC, Mechanism.HEADS, Mechanism.PROPORTIONAL])
@pytest.mark.parametrize("preset", ["plain", "guarded"])
def test_it_is_what_counting_again_with_these_people_finds(mechanism: Mechanism, preset: str) -> None:
    rules = read_rules({"preset": preset, "mechanism": str(mechanism)})
    before = allocated(GIFTS, rules)
    for one in prospects(before, "garden", Cents(1000)):
        more = [Gift(f"new {n}", "garden", 1000) for n in range(one.people)]
        after = allocated([*GIFTS, *more], rules)
        assert one.added == after.matching["garden"] - before.matching["garden"]
        assert one.given == 1000 * one.people


@pytest.mark.parametrize("mechanism", ["pairwise", "cluster"])
def test_where_it_depends_on_what_else_they_support_nothing_is_promised(mechanism: str) -> None:
    before = allocated(GIFTS, read_rules({"mechanism": mechanism}))
    assert prospects(before, "garden", Cents(1000)) == []
    assert drawn(before, "garden") == ""


def test_the_gift_is_the_usual_one_that_counts() -> None:
    rules = read_rules({"preset": "plain"})
    assert usual_gift(allocated(GIFTS, rules), "garden") == 1000
    assert usual_gift(allocated(GIFTS, rules), "bakery") == 2000
    assert usual_gift(allocated([], rules), "garden") == 1000
    only_large = read_rules({"preset": "plain", "count_from": 20})
    assert usual_gift(allocated(GIFTS, only_large), "garden") == 2000


def test_lengths_are_amounts() -> None:
    found = prospects(allocated(GIFTS, read_rules({"preset": "plain"})), "garden", Cents(1000))
    read = ET.fromstring(more_svg(found, alternative="words"))
    longest = max(one.total for one in found)
    for kind, amounts in (
        ("bar__received", [one.given for one in found]),
        ("bar__added", [one.added for one in found]),
    ):
        widths = [float(str(bar.get("width")).rstrip("%")) for bar in read.iter() if bar.get("class") == kind]
        assert widths == pytest.approx([WIDEST * cents / longest for cents in amounts], abs=0.01)


def drawn(allocation: Allocation, key: str) -> str:
    with override("en"):
        page = PLACE.render(Context({"estimate": Estimate(allocation, AT), "key": key}))
    return unescape(page).strip()


def test_it_stands_on_a_page_with_its_numbers() -> None:
    rules = read_rules({"preset": "guarded"})
    page = drawn(allocated(GIFTS, rules), "garden")
    assert "If more people gave €5 each, today" in page
    assert "20 more people give €100: the fund adds" in page
    assert page.count("<tr>") == 4
    assert drawn(allocated(GIFTS, rules), "unknown") == ""


def test_a_project_that_has_all_it_needs_is_told_so() -> None:
    page = drawn(allocated(GIFTS, read_rules({"preset": "plain", "cap_at_need": True}), need=100), "garden")
    assert "The rules let the fund add no more to this project today." in page
    assert "the fund adds €0." in page


def test_the_page_of_a_project_shows_it_while_gifts_are_taken(database: None) -> None:
    for state, shown in ((State.GIVING, True), (State.CLOSED, False), (State.SELECTION, False)):
        made = a_round(state=state, written_rules={"preset": "plain"})
        project = a_project(made, state=ProjectState.SELECTED)
        page = Client(headers={"accept-language": "en"}).get(
            f"/campagnes/{made.slug}/projets/{project.slug}/"
        )
        words = unescape(page.content.decode())
        assert ("If more people gave €10 each, today" in words) is shown
        # Nobody has given yet: one person alone brings nothing, five bring the whole fund of 10 000 €.
        assert ("5 more people give €50: the fund adds €10,000." in words.replace("\u202f", " ")) is shown


def test_where_the_budget_is_reached_it_says_why_the_fund_adds_less() -> None:
    rules = read_rules({"preset": "plain", "cap_at_need": True})
    allocation = allocated(GIFTS, rules, need=20_000)
    assert any(one.added < 0 for one in prospects(allocation, "garden", Cents(1000)))
    shown = drawn(allocation, "garden")
    assert "this project reaches its budget" in shown
    assert "no more to this project" not in shown
