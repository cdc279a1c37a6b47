"""Reading and deciding applications in a real browser without ever touching a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abonde.organisations.models import Role
from abonde.projects.models import Review, Verdict
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests.browser.installation import Installation
from tests.browser.test_accessibility import cookie_of, violations
from tests.factories import a_project, a_round, an_agent

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MOST_STEPS = 80
"""Of the tabulator, from the top of a page to anything on it."""


def reached(page: Page, place: Locator) -> None:
    """Press the tabulator until the place is reached, as the eyes of a keyboard's user follow the ring."""
    for _step in range(MOST_STEPS):
        if place.evaluate("here => here === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way leads to {place}")


def pressed(page: Page, key: str) -> None:
    """Alt and a key that the page offers; Playwright’s own press leaves out the letter by which Chromium finds its place."""
    session = page.context.new_cdp_session(page)
    press = {
        "key": key,
        "text": key,
        "unmodifiedText": key,
        "windowsVirtualKeyCode": ord(key.upper()),
        "modifiers": 1,
    }
    for kind in ("rawKeyDown", "char", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, **press})
    session.detach()


def test_a_reviewer_decides_by_keyboard_alone(database: None, installation: Installation, desk: Page) -> None:
    from playwright.sync_api import expect

    found = a_round(state=RoundState.SELECTION)
    first, second = (
        a_project(found, name=name, state=State.SUBMITTED) for name in ("Fournil partagé", "Radio")
    )
    reviewer = an_agent(found.host, Role.REVIEWER)
    desk.context.add_cookies([cookie_of(reviewer, installation.url)])  # type: ignore[list-item]
    desk.goto(f"{installation.url}/espace/{found.host.slug}/")
    queue = desk.locator(f"main a[href$='/campagnes/{found.slug}/candidatures/']").first
    reached(desk, queue)
    desk.keyboard.press("Enter")
    application = desk.get_by_role("link", name="Fournil partagé")
    application.wait_for()
    reached(desk, application)
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text("Fournil partagé")

    pressed(desk, "1")
    expect(desk.locator("[name=verdict]").first).to_be_checked()
    pressed(desk, "s")  # decide, then read the next
    expect(desk.locator("h1")).to_contain_text("Radio")
    assert violations(desk) == []

    pressed(desk, "2")
    reached(desk, desk.locator("[name=reasons]"))
    pressed(desk, "d")  # a return without reasons is refused, and says so where one is led
    summary = desk.locator(".error-summary")
    expect(summary).to_be_visible()
    expect(desk.locator("[name=verdict]").nth(1)).to_be_checked()
    reached(desk, desk.locator("[name=reasons]"))
    desk.keyboard.type("Quel lieu, et quand ?")
    pressed(desk, "d")
    expect(desk.locator("#decisions")).to_be_visible()

    decided = {
        one.project_id: (one.verdict, one.reviewer) for one in Review.objects.filter(project__round=found)
    }
    assert decided == {first.pk: (Verdict.ADMIT, reviewer), second.pk: (Verdict.RETURN, reviewer)}
