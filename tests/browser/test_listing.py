"""A long list of a workspace in a real browser: only the list changes, all rows are ticked at once, what is ticked is taken away."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from abonde.organisations.models import Role
from abonde.rounds.models import Round
from tests.browser.installation import Installation
from tests.browser.test_accessibility import cookie_of, violations
from tests.factories import a_person, a_project, a_round, an_agent

if TYPE_CHECKING:
    from playwright.sync_api import Page

BODIES = ("Où est l’atelier ?", "Qui entretient le jardin ?", "Pourquoi un four ?")


@pytest.fixture
def asked(database: None) -> Round:
    found = a_round()
    project, author = a_project(found), a_person()
    for body in BODIES:
        project.questions.create(author=author, body=body)
    return found


def test_a_list_is_sorted_narrowed_ticked_and_taken_away(
    asked: Round, installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    reader = an_agent(asked.host, Role.READER)
    desk.context.add_cookies([cookie_of(reader, installation.url)])  # type: ignore[list-item]
    desk.goto(f"{installation.url}/espace/{asked.host.slug}/questions/")
    rows = desk.get_by_role("rowheader")
    expect(rows).to_have_text(list(reversed(BODIES)))
    desk.locator("h1").evaluate("(heading) => { heading.dataset.stays = 'yes'; }")
    desk.locator("#tri-asked").click()
    expect(rows).to_have_text(list(BODIES))
    expect(desk.locator("#tri-asked")).to_be_focused()
    expect(desk).to_have_url(f"{installation.url}/espace/{asked.host.slug}/questions/?tri=asked")
    expect(desk.locator("h1[data-stays]")).to_have_count(1)  # the page around the list is the same
    every = desk.get_by_role("checkbox", name="Cocher toutes les lignes")
    every.check()
    boxes = desk.locator("tbody input[type=checkbox]")
    assert [box.is_checked() for box in boxes.all()] == [True, True, True]
    boxes.nth(1).uncheck()
    assert every.evaluate("(box) => box.indeterminate")
    assert violations(desk) == []
    with desk.expect_download() as taken:
        desk.get_by_role("button", name="Télécharger les lignes cochées").click()
    written = Path(taken.value.path()).read_text(encoding="utf-8").splitlines()
    assert [row[0] for row in csv.reader(written)] == ["question", BODIES[0], BODIES[2]]
    desk.fill("[name=q]", "four")
    desk.get_by_role("button", name="Afficher").click()
    expect(rows).to_have_text([BODIES[2]])
    desk.go_back()
    expect(rows).to_have_text(list(BODIES))


def test_on_a_phone_without_javascript_a_field_sorts_and_each_row_can_be_ticked(
    asked: Round, installation: Installation, phone: Page
) -> None:
    from playwright.sync_api import expect

    reader = an_agent(asked.host, Role.READER)
    phone.context.add_cookies([cookie_of(reader, installation.url)])  # type: ignore[list-item]
    phone.goto(f"{installation.url}/espace/{asked.host.slug}/questions/")
    expect(phone.get_by_role("checkbox")).to_have_count(len(BODIES))
    phone.select_option("[name=tri]", label="Projet")
    phone.get_by_role("button", name="Afficher").click()
    expect(phone.get_by_role("rowheader")).to_have_text(list(BODIES))
    assert "tri=project" in phone.url
