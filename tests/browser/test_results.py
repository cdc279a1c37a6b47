"""The order of a result, in a real browser: changed where one stands, and without JavaScript by the same links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from abonde.settlement.actions import compute_result
from tests.browser.installation import Installation
from tests.domain.settlement.conftest import GIFTS, POTS, PROJECTS, RULES
from tests.domain.settlement.world import Plan, build

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def address(database: None, installation: Installation) -> str:
    world = build(Plan(GIFTS, PROJECTS, POTS, RULES))
    compute_result(round=world.round, reason="Premier calcul")
    return installation.url + reverse("results", args=[world.round.slug])


def test_another_order_keeps_its_place_under_the_keyboard(address: str, desk: Page) -> None:
    from playwright.sync_api import expect

    first = desk.locator(".ranking__name").first
    desk.goto(address)
    expect(first).to_have_text("Jardin")
    desk.evaluate("window.stays = true")
    desk.locator("#by-dons").press("Enter")
    expect(first).to_have_text("Vélos")
    expect(desk.locator("#by-dons")).to_be_focused()
    assert desk.url == f"{address}?tri=dons"
    assert desk.evaluate("window.stays") is True
    desk.go_back()
    expect(first).to_have_text("Jardin")


def test_without_javascript_the_links_answer(address: str, phone: Page) -> None:
    from playwright.sync_api import expect

    phone.goto(address)
    phone.locator("#by-dons").click()
    expect(phone.locator(".ranking__name").first).to_have_text("Vélos")
    expect(phone.locator("#by-dons")).to_have_attribute("aria-current", "true")
