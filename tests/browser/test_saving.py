"""A long form that saves by itself, in a real browser: what was written is there, and nothing typed is lost or told off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abonde.rounds.models import Round
from abonde.rounds.states import State
from tests.browser.installation import Installation
from tests.browser.test_accessibility import cookie_of, violations
from tests.factories import a_round, the_manager

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def draft(database: None) -> Round:
    return a_round(state=State.DRAFT)


def opened(page: Page, site: Installation, draft: Round, step: str) -> None:
    page.context.add_cookies([cookie_of(the_manager(draft.host), site.url)])  # type: ignore[list-item]
    page.goto(f"{site.url}/espace/{draft.host.slug}/campagnes/{draft.slug}/{step}/")


def test_whoever_writes_and_waits_finds_it_again(
    draft: Round, installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    complaints: list[str] = []
    desk.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    opened(desk, installation, draft, "identite")
    expect(desk.get_by_role("status").locator(".saving__promise")).to_be_visible()
    desk.fill("[name=name]", "Notre vallée")
    desk.fill("[name=summary]", "")
    desk.locator("[name=summary]").press_sequentially("Ce qui nous tient à cœur.")
    expect(desk.get_by_role("status").locator(".saving__done")).to_be_visible()
    expect(desk.locator("[name=summary]")).to_be_focused()
    assert violations(desk) == []
    desk.reload()
    expect(desk.locator("[name=name]")).to_have_value("Notre vallée")
    expect(desk.locator("[name=summary]")).to_have_value("Ce qui nous tient à cœur.")
    # The button, pressed while a save is on its way, goes on rather than meeting itself as somebody else.
    desk.fill("[name=name]", "Notre vallée 2030")
    desk.locator("[name=name]").press("Enter")
    desk.wait_for_url("**/territoire/")
    draft.refresh_from_db()
    assert draft.name == "Notre vallée 2030"
    assert complaints == []


def test_a_mistake_is_said_once_one_has_left_its_field(
    draft: Round, installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    opened(desk, installation, draft, "defis")
    question = desk.locator("[name=form-2-question]")
    question.press_sequentially("Comment ?")
    mistake = desk.locator("#id_form-2-name_error")
    expect(mistake).to_contain_text("Donnez un nom")
    expect(desk.locator("[name=form-2-name]")).to_have_attribute("aria-invalid", "true")
    expect(desk.locator(".saving__wrong")).to_be_visible()
    assert violations(desk) == []
    desk.locator(".saving a").click()
    expect(desk.locator("[name=form-2-name]")).to_be_focused()
    desk.locator("[name=form-2-name]").press_sequentially("Bouger")
    expect(desk.locator(".saving__done")).to_be_visible()
    expect(mistake).to_be_hidden()
    expect(question).to_have_value("Comment ?")
    assert draft.challenges.filter(name="Bouger").exists()


def test_the_title_speaks_of_mistakes_as_long_as_there_are_some(
    draft: Round, installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    opened(desk, installation, draft, "defis")
    titled = desk.title()
    desk.fill("[name=form-2-question]", "Comment ?")
    desk.get_by_role("button", name="Enregistrer et rester ici").click()
    expect(desk.locator(".error-summary")).to_be_visible()
    expect(desk).to_have_title(f"Erreur\u00a0: {titled}")
    desk.fill("[name=form-2-name]", "Manger")
    expect(desk.locator(".saving__done")).to_be_visible()
    expect(desk).to_have_title(titled)
    expect(desk.locator(".error-summary")).to_have_count(0)
    desk.fill("[name=form-2-name]", "")
    expect(desk.locator(".saving__wrong")).to_be_visible()
    expect(desk).to_have_title(f"Erreur\u00a0: {titled}")


def test_two_windows_are_told_apart(draft: Round, installation: Installation, desk: Page) -> None:
    from playwright.sync_api import expect

    opened(desk, installation, draft, "identite")
    other = desk.context.new_page()
    other.goto(desk.url)
    desk.fill("[name=name]", "Premier")
    expect(desk.locator(".saving__done")).to_be_visible()
    other.fill("[name=name]", "Second")
    expect(other.locator(".saving__wrong")).to_be_visible()
    expect(other.locator("[name=name]")).to_have_value("Second")
    draft.refresh_from_db()
    assert draft.name == "Premier"


def test_what_cannot_be_saved_is_said(draft: Round, installation: Installation, desk: Page) -> None:
    from playwright.sync_api import expect

    opened(desk, installation, draft, "identite")
    desk.context.clear_cookies()
    desk.fill("[name=name]", "Sans session")
    saving = desk.locator(".saving")
    expect(saving).to_have_text(str(saving.get_attribute("data-failed")))
    expect(desk.locator("[name=name]")).to_have_value("Sans session")


def test_without_javascript_the_button_saves_and_nothing_else_is_promised(
    draft: Round, installation: Installation, phone: Page
) -> None:
    from playwright.sync_api import expect

    opened(phone, installation, draft, "identite")
    expect(phone.locator(".saving__promise")).to_be_hidden()
    phone.fill("[name=name]", "Sans script")
    phone.get_by_role("button", name="Enregistrer et rester ici").click()
    expect(phone.locator("[name=name]")).to_have_value("Sans script")
    assert phone.url.endswith("/identite/")
