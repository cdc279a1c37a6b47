"""The basket in a real browser: it changes where one stands, and what is paid is what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abonde.matching.rules import PRESETS
from abonde.projects.models import Project
from tests.browser.conftest import PHONE
from tests.browser.installation import Installation
from tests.factories import a_project, a_round, a_settled_gift

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def project(database: None) -> Project:
    found = a_round(written_rules=PRESETS["plain"].to_mapping())
    made = a_project(found, name="Le four")
    a_settled_gift(made, 1_000)
    return made


@pytest.fixture
def complaints(desk: Page) -> list[str]:
    """What the browser complains of."""
    heard: list[str] = []
    desk.on("console", lambda said: heard.append(said.text) if said.type in {"error", "warning"} else None)
    return heard


def fill_basket(page: Page, installation: Installation, project: Project) -> str:
    """Ten euros for the project; the page stands at the basket, whose address this is."""
    basket = f"{installation.url}/campagnes/{project.round.slug}/panier/"
    page.goto(f"{installation.url}/campagnes/{project.round.slug}/projets/{project.slug}/")
    page.locator(".give button[value='1000']").click()
    page.locator(".give--done a.button").click()
    page.wait_for_url(basket)
    return basket


def test_an_amount_changes_without_the_page_being_loaded_again(
    desk: Page, installation: Installation, project: Project, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    fill_basket(desk, installation, project)
    desk.evaluate("window.stays = true")
    amount = desk.locator(".line__amount [name=amount]")
    amount.fill("25")
    amount.press("Enter")
    expect(desk.locator(".sum__figures dd").first).to_have_text("25 €")
    expect(amount).to_be_focused()
    expect(desk.locator("#basket-said")).to_contain_text("25 €")
    amount.fill("1")
    amount.press("Enter")
    expect(desk.locator(".line__wrong")).to_be_visible()
    expect(amount).to_have_value("1")
    desk.locator(".line__take").click()
    expect(desk.locator(".line")).to_have_count(0)
    desk.locator(".undo").click()
    expect(amount).to_have_value("25")
    assert desk.evaluate("window.stays"), "the page was loaded again"
    assert complaints == []


def test_whoever_goes_on_at_once_sees_the_new_sum_first(
    desk: Page, installation: Installation, project: Project
) -> None:
    from playwright.sync_api import expect

    basket = fill_basket(desk, installation, project)
    desk.locator(".line__amount [name=amount]").fill("40")
    desk.locator(".sum__pay").click(no_wait_after=True)
    expect(desk.locator(".sum__figures dd").first).to_have_text("40 €")
    assert desk.url == basket


def test_the_idea_is_drawn_in_place_with_ones_own_gift(
    desk: Page, installation: Installation, project: Project, complaints: list[str]
) -> None:
    from playwright.sync_api import expect

    fill_basket(desk, installation, project)
    desk.locator(".why summary").click()
    expect(desk.locator(".why .idea__picture")).to_be_visible()
    expect(desk.locator(".why .idea__sentence")).to_contain_text("10 personnes donnent 10 € chacune")
    assert complaints == []


def test_on_a_phone_the_sum_stays_in_reach_and_covers_no_field(
    desk: Page, installation: Installation, project: Project
) -> None:
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dictionary of two numbers
    basket = fill_basket(desk, installation, project)
    for number in range(6):
        other = a_project(project.round, name=f"Projet {number}")
        desk.goto(f"{installation.url}/campagnes/{project.round.slug}/projets/{other.slug}/")
        desk.locator(".give button[value='1000']").click()
        desk.locator(".give--done").wait_for()
    desk.goto(basket)
    pay = desk.locator(".sum__pay").bounding_box()
    assert pay is not None
    assert pay["y"] + pay["height"] <= PHONE["height"], "one need not scroll to go on"
    for field in desk.locator(".line__amount [name=amount]").all():
        field.focus()
        desk.wait_for_timeout(50)
        shown, bar = field.bounding_box(), desk.locator(".sum").bounding_box()
        assert shown is not None
        assert bar is not None
        assert shown["y"] + shown["height"] <= bar["y"], "the bar hides what the keyboard holds"
