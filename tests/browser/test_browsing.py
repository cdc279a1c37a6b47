"""Looking for a project in a real browser: answered where one stands, and without JavaScript by the button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abonde.rounds.states import State
from tests.browser.installation import Installation
from tests.factories import a_project, a_round

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def address(database: None, installation: Installation) -> str:
    giving = a_round(state=State.GIVING)
    for name in ("Éclairage des étoiles", "Fournil", "Radio"):
        a_project(giving, name=name)
    return f"{installation.url}/campagnes/{giving.slug}/"


def test_a_search_is_answered_while_one_types_and_stands_in_the_address(address: str, desk: Page) -> None:
    from playwright.sync_api import expect

    complaints: list[str] = []
    desk.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    desk.goto(address)
    cards = desk.locator("#found .project-card")
    expect(cards).to_have_count(3)
    desk.locator("[name=recherche]").press_sequentially("etoiles")
    expect(cards).to_have_count(1)
    expect(desk.locator("#number-found")).to_contain_text("1 projet")
    expect(desk.locator("[name=recherche]")).to_be_focused()
    assert "recherche=etoiles" in desk.url
    desk.fill("[name=recherche]", "")
    expect(cards).to_have_count(3)
    desk.go_back()
    expect(cards).to_have_count(1)
    expect(desk.locator("[name=recherche]")).to_have_value("etoiles")
    assert complaints == []


def test_without_javascript_the_button_answers(address: str, phone: Page) -> None:
    from playwright.sync_api import expect

    phone.goto(address)
    phone.fill("[name=recherche]", "fournil")
    phone.locator("#browse button").click()
    expect(phone.locator("#found .project-card")).to_have_count(1)
