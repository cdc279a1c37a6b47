from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.test import Client

from abonde.notifications.models import Letter
from abonde.people.models import Person
from abonde.rounds.actions import write_rules_text
from abonde.rounds.models import Signature
from abonde.rounds.states import State
from tests.factories import a_round, the_code_of, the_manager

CODE_FIELD = 'name="code"'
RECORDS = "account_authentication_methods"


@pytest.fixture(autouse=True)
def no_attempts_before(database: None) -> None:
    cache.clear()


def logged_in(person: Person) -> Client:
    """A browser in which somebody came in by a letter and then by a code of their application."""
    browser = Client()
    browser.post("/compte/connexion/", {"email": person.email})
    letter = Letter.objects.filter(address=person.email).latest("created_at")
    browser.post("/compte/connexion/code/", {"code": letter.values["code"]})
    browser.post("/compte/connexion/preuve/", {"code": the_code_of(person)})
    return browser


def minutes_later(browser: Client, minutes: float) -> None:
    session = browser.session
    session[RECORDS] = [{**record, "at": record["at"] - 60 * minutes} for record in session[RECORDS]]
    session.save()


def test_who_has_just_logged_in_with_a_code_signs_without_another_one() -> None:
    draft = a_round(state=State.DRAFT)
    manager = the_manager(draft.host)
    text = write_rules_text(person=manager, round=draft)
    address = f"/espace/{draft.host.slug}/campagnes/{draft.slug}/signer/{text.sha256}/"
    browser = logged_in(manager)
    assert CODE_FIELD not in browser.get(address).content.decode()
    minutes_later(browser, 6)
    page = browser.post(address)
    assert CODE_FIELD in page.content.decode()
    assert not Signature.objects.filter(signed_text=text).exists()
    minutes_later(browser, -6)
    browser.post(address)
    assert Signature.objects.filter(signed_text=text, organisation=draft.host).exists()


def test_a_code_from_a_letter_is_no_second_proof() -> None:
    draft = a_round(state=State.DRAFT)
    manager = the_manager(draft.host)
    address = f"/espace/{draft.host.slug}/campagnes/{draft.slug}/ouvrir/"
    browser = Client()
    browser.force_login(manager)
    session = browser.session
    session[RECORDS] = [{"method": "code", "at": time.time(), "email": manager.email}]
    session[f"{RECORDS}_user"] = str(manager.pk)
    session.save()
    assert CODE_FIELD in browser.get(address).content.decode()
