"""The drawing and the simulator in a real browser: they answer on the spot, and without JavaScript by their buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_picture_follows_the_numbers_and_the_keyboard_stays(
    installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    complaints: list[str] = []
    desk.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    desk.goto(f"{installation.url}/")
    desk.fill("#idea_personnes", "23")
    expect(desk.locator(".idea__person")).to_have_count(24)
    desk.fill("#idea_don", "2,50")
    expect(desk.locator(".idea__sentence")).to_contain_text("2,50")
    expect(desk.locator("#idea_don")).to_be_focused()
    desk.fill("#idea_don", "beaucoup")
    expect(desk.locator("#idea-wrong")).to_contain_text("12,50")
    assert complaints == []


def test_the_simulator_counts_while_one_writes_and_the_address_follows(
    installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    desk.goto(f"{installation.url}/simulateur/")
    desk.locator("[name=n]").first.fill("20")
    expect(desk.locator("#outcome [role=status]")).to_contain_text("21")
    desk.check("[name=m][value=heads]")
    expect(desk.locator(".outcome__picture")).to_have_count(4)
    assert "n=20&n=1" in desk.url
    table = desk.locator("#outcome .table").inner_text()
    desk.reload()
    assert desk.locator("#outcome .table").inner_text() == table


def test_both_answer_by_their_buttons_without_javascript(installation: Installation, phone: Page) -> None:
    phone.goto(f"{installation.url}/comment-ca-marche/")
    phone.fill("#idea_personnes", "12")
    phone.click(".idea__form button")
    assert phone.locator(".idea__person").count() == 13
    phone.goto(f"{installation.url}/simulateur/")
    phone.locator("[name=n]").first.fill("30")
    phone.click(".simulator__compare button")
    assert "31" in phone.inner_text("#outcome [role=status]")
