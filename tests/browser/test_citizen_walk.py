"""One citizen on a phone without JavaScript, from the poster's address to the slip; and whatever can go otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from abonde.giving.queries import totals_of
from abonde.ledger.queries import check_book
from abonde.matching.rules import PRESETS
from abonde.payments.models import Notice, Payment
from abonde.payments.states import State
from abonde.projects.models import Project
from abonde.register.models import Strategy
from abonde.rounds.models import Round
from tests.browser.installation import Installation, Walker, patiently
from tests.factories import a_project, a_register, a_round, a_settled_gift, unique

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_DEEDS = 9
"""Taps and fields from the poster to the slip, without those of the payment page itself."""


@pytest.fixture
def town(database: None) -> Project:
    """A project of a round that takes gifts, to which others have given."""
    found = a_round(written_rules=PRESETS["plain"].to_mapping())
    project, other = a_project(found), a_project(found, name="Grainothèque")
    for one in (project, other, other):
        a_settled_gift(one, 1_000)
    return project


@pytest.fixture
def citizen(phone: Page, installation: Installation) -> Walker:
    return Walker(phone, installation)


def choose_ten_euros(citizen: Walker, project: Project) -> None:
    citizen.arrive(f"/campagnes/{project.round.slug}/")
    citizen.tap(f".project-card a[href$='/projets/{project.slug}/']")
    citizen.tap(".give button[value='1000']")
    assert citizen.path == f"/campagnes/{project.round.slug}/panier/"


def to_the_payment_page(citizen: Walker, project: Project) -> str:
    """From the poster to the provider's page; the address of the person, who is new here."""
    address = f"{unique('lou')}@example.org"
    choose_ten_euros(citizen, project)
    citizen.tap(".sum__pay")
    citizen.log_in(address)
    citizen.tap(".sum__pay")
    assert citizen.path.startswith("/bac-a-sable/")
    return address


def at_the_provider(citizen: Walker, choice: str) -> None:
    citizen.page.locator(f"button[value='{choice}']").click()


def payment_of(project: Project) -> Payment:
    return Payment.objects.filter(pledge__contributions__project=project).latest("created_at")


def stands(found: Round, received: int) -> None:
    assert totals_of(found).received == received
    assert not check_book(found.fund.book).faults


def test_from_the_poster_to_the_slip(citizen: Walker, town: Project) -> None:
    choose_ten_euros(citizen, town)
    brought = citizen.page.locator(".brought").inner_text()
    assert re.search(r"\d+,\d\d\s€", brought), "the basket shows what the gift brings before anybody logs in"
    citizen.tap(".sum__pay")
    address = f"{unique('lou')}@example.org"
    citizen.log_in(address)
    assert citizen.page.locator(".brought").inner_text() == brought
    assert "Votre voix compte" in citizen.words
    citizen.tap(".sum__pay")
    at_the_provider(citizen, "pay")
    citizen.page.wait_for_url("**/merci/**")
    assert citizen.taps + citizen.fields <= MOST_DEEDS, (citizen.taps, citizen.fields)

    reference = citizen.page.locator(".slip__reference b").inner_text()
    assert re.search(r"10,00\s€", citizen.page.locator(".slip__sum").inner_text())
    assert citizen.page.locator(".slip .unmatched").count() == 0
    letter = citizen.site.letter(address, town.round.name)
    assert f"{citizen.site.url}{citizen.path}" in letter, "the letter leads back to the slip"
    patiently(lambda: Notice.objects.filter(payment=payment_of(town)).first(), "the notification")
    stands(town.round, 4_000)

    citizen.tap(".slip__print a[href='/mes-dons/']")
    assert town.name in citizen.words
    assert reference in citizen.words
    citizen.arrive(f"/campagnes/{town.round.slug}/panier/")
    assert citizen.page.locator(".line").count() == 0, "what was paid has left the basket"
    assert citizen.troubles == []


@pytest.mark.parametrize(("choice", "state"), [("refuse", State.FAILED), ("abandon", State.CANCELLED)])
def test_unpaid_keeps_the_basket_and_may_be_tried_again(
    citizen: Walker, town: Project, choice: str, state: State
) -> None:
    address = to_the_payment_page(citizen, town)
    at_the_provider(citizen, choice)
    citizen.page.wait_for_url("**/paiements/**")
    assert payment_of(town).state == state
    citizen.arrive(f"/campagnes/{town.round.slug}/panier/")
    assert town.name in citizen.words
    citizen.page.go_back()
    citizen.tap("main form[method='post'] button")
    assert citizen.path.startswith("/bac-a-sable/")
    at_the_provider(citizen, "pay")
    citizen.page.wait_for_url("**/merci/**")
    citizen.site.letter(address, town.round.name)
    stands(town.round, 4_000)
    assert citizen.troubles == []


def test_paid_later_the_page_waits_and_the_letter_comes(citizen: Walker, town: Project) -> None:
    address = to_the_payment_page(citizen, town)
    at_the_provider(citizen, "pay_later")
    citizen.page.wait_for_url("**/paiements/**")
    assert payment_of(town).state == State.PENDING
    stands(town.round, 3_000)
    citizen.page.wait_for_url("**/merci/**", timeout=30_000)  # the page looks again by itself
    citizen.site.letter(address, town.round.name)
    stands(town.round, 4_000)
    assert citizen.troubles == []


def test_without_a_voice_it_is_said_before_and_after_that_nothing_is_added(
    citizen: Walker, database: None
) -> None:
    heads = {
        **PRESETS["plain"].to_mapping(),
        "mechanism": "heads",
    }  # the first voice would bring the whole fund
    found = a_round(written_rules=heads, register=a_register(strategy=Strategy.CERTIFIED))
    project = a_project(found)
    choose_ten_euros(citizen, project)
    citizen.tap(".sum__pay")
    citizen.log_in(f"{unique('lou')}@example.org")
    assert "le fonds n’y ajoute encore rien" in citizen.words
    assert citizen.page.locator("main a[href='/ma-voix/']").count() == 1
    citizen.tap(".sum__pay")
    at_the_provider(citizen, "pay")
    citizen.page.wait_for_url("**/merci/**")
    assert citizen.page.locator(".slip .unmatched").count() == 1
    stands(found, 1_000)
    assert citizen.troubles == []
