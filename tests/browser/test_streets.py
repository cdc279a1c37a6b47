"""The streets behind the points, in a real browser: asked for by the visitor, under the policy of the pages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

from abonde.rounds.states import State
from abonde.web import middleware
from tests.browser.installation import Installation
from tests.factories import a_project, a_round

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def address(
    database: None, installation: Installation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> str:
    settings.MAP_TILES = "https://tiles.example/{z}/{x}/{y}.png"
    settings.MAP_TILES_ORIGIN = "https://tiles.example"
    monkeypatch.setattr(
        middleware, "POLICY", middleware.POLICY.replace("data: ", "data: https://tiles.example")
    )
    giving = a_round(state=State.GIVING)
    for number, name in enumerate(("Fournil", "Radio")):
        a_project(giving, name=name, latitude=f"44.8{number}", longitude="5.1")
    return f"{installation.url}/campagnes/{giving.slug}/"


def test_streets_come_when_asked_for_and_points_lead_to_projects(address: str, desk: Page) -> None:
    from playwright.sync_api import expect

    asked: list[str] = []
    complaints: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    desk.route("https://tiles.example/**", answer)
    desk.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    desk.goto(address)
    desk.get_by_role("link", name="Sur une carte").click()
    button = desk.locator("[data-streets]")
    expect(button).to_be_visible()
    assert asked == [], "nobody is asked before the visitor wishes it"
    button.click()
    expect(desk.locator(".map__tiles")).to_be_focused()
    expect(desk.locator(".map__pin")).to_have_count(2)
    expect(desk.locator("img.leaflet-tile").first).to_be_visible()
    assert asked
    desk.locator(".map__pin").first.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".leaflet-popup a")).to_be_visible()
    assert complaints == []


def test_without_the_server_of_the_map_the_drawing_stays(address: str, desk: Page) -> None:
    from playwright.sync_api import expect

    desk.route("**/leaflet.js", lambda route: route.abort())
    desk.goto(f"{address}?vue=carte")
    desk.locator("[data-streets]").click()
    expect(desk.locator(".map__streets [role=status]")).to_contain_text("les points restent")
    expect(desk.locator(".map svg")).to_be_visible()
