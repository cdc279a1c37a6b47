from __future__ import annotations

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from abonde.core.models import Event
from abonde.notifications.models import Letter
from abonde.organisations.models import Kind
from abonde.people.models import Person
from abonde.register.models import Strategy
from abonde.register.queries import has_voice
from abonde.rounds.states import State
from tests.factories import (
    a_person,
    a_register,
    a_round,
    an_organisation,
    the_manager,
    unique,
    with_second_factor,
)

MINE = (
    "/mon-compte/",
    "/mes-donnees/",
    "/mes-donnees/export.json",
    "/mes-donnees/supprimer/",
    "/ma-voix/",
    "/espace/",
    "/compte/adresses/",
    "/compte/securite/",
    "/compte/securite/application/",
    "/compte/securite/cles/ajouter/",
)


@pytest.fixture(autouse=True)
def no_attempts_before(database: None) -> None:
    cache.clear()


@pytest.fixture
def person(database: None) -> Person:
    return a_person(language="en")


@pytest.fixture
def browser(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


@pytest.mark.parametrize("address", MINE)
def test_pages_of_mine_are_for_me(browser: Client, database: None, address: str) -> None:
    asked = Client().get(address)
    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (302, "/compte/connexion/")
    assert browser.get(address).status_code == 200


def test_my_name_and_language(browser: Client, person: Person) -> None:
    saved = browser.post("/mon-compte/", {"name": "Zoé d’Arc", "language": "fr"})
    assert saved.headers["Location"] == "/mon-compte/"
    person.refresh_from_db()
    assert (person.name, person.language) == ("Zoé d’Arc", "fr")
    assert '<html lang="fr">' in browser.get("/mon-compte/").content.decode()
    refused = browser.post("/mon-compte/", {"name": "kept as typed", "language": "tlh"})
    assert refused.status_code == 200
    assert "kept as typed" in refused.content.decode()


def test_my_data_is_told_in_words_and_given_as_json(browser: Client, person: Person) -> None:
    words = browser.get("/mes-donnees/").content.decode()
    assert "so that one person has one voice" in words
    answer = browser.get("/mes-donnees/export.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert json.loads(answer.content)["account"]["addresses"][0]["email"] == person.email


def test_deleting_my_account_asks_first_and_logs_out(browser: Client, person: Person) -> None:
    assert "Your gifts stay with their projects" in browser.get("/mes-donnees/supprimer/").content.decode()
    person.refresh_from_db()
    assert person.is_active
    assert browser.post("/mes-donnees/supprimer/").headers["Location"] == "/"
    person.refresh_from_db()
    assert (person.is_active, person.email) == (False, None)
    assert browser.get("/mon-compte/").status_code == 302


def test_an_account_that_others_count_on_is_not_deleted(database: None) -> None:
    manager = the_manager(an_organisation(Kind.HOST))
    Authenticator.objects.filter(user=manager).delete()  # else the page asks for a code first
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(manager)
    assert "last manager" in browser.get("/mes-donnees/supprimer/").content.decode()
    after = browser.post("/mes-donnees/supprimer/", follow=True).content.decode()
    assert "last manager" in after
    manager.refresh_from_db()
    assert manager.is_active


def test_who_has_a_second_factor_shows_it_before_deleting(database: None) -> None:
    person, secret = a_person(), generate_totp_secret()
    TOTP.activate(person, secret)
    browser = Client()
    browser.force_login(person)
    asked = browser.get("/mes-donnees/supprimer/")
    assert asked.headers["Location"].startswith("/compte/securite/confirmation/")
    again = browser.post(
        asked.headers["Location"], {"code": code_now(secret), "next": "/mes-donnees/supprimer/"}
    )
    assert again.headers["Location"] == "/mes-donnees/supprimer/"
    assert browser.get("/mes-donnees/supprimer/").status_code == 200


def test_a_further_address_needs_its_code(browser: Client, person: Person) -> None:
    address = f"{unique('further')}@example.org"
    added = browser.post("/compte/adresses/", {"email": address, "action_add": "1"})
    assert added.headers["Location"] == "/compte/adresses/code/"
    assert not EmailAddress.objects.filter(email=address, verified=True).exists()
    letter = Letter.objects.get(kind="address_code", address=address)
    browser.post("/compte/adresses/code/", {"code": letter.values["code"]})
    assert EmailAddress.objects.get(email=address).verified
    browser.post("/compte/adresses/", {"email": address, "action_primary": "1"})
    person.refresh_from_db()
    assert person.email == address
    browser.post("/compte/adresses/", {"email": address, "action_remove": "1"})
    assert EmailAddress.objects.filter(email=address).exists()  # the main one stays


def test_an_address_of_somebody_else_cannot_be_taken(browser: Client, person: Person) -> None:
    other = str(a_person().email)
    assert browser.post("/compte/adresses/", {"email": other, "action_add": "1"}).status_code == 302
    code = Letter.objects.get(address=other).values["code"]  # both accounts may be one person's
    refused = browser.post("/compte/adresses/code/", {"code": code})
    assert "belongs to another account" in refused.content.decode()
    assert EmailAddress.objects.filter(email=other).count() == 1


def test_setting_up_an_application_is_logged_told_and_sealed(browser: Client, person: Person) -> None:
    page = browser.get("/compte/securite/application/")
    secret = browser.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    browser.post("/compte/securite/application/", {"code": code_now(secret)})
    factor = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert secret not in json.dumps(factor.data)
    assert Event.objects.filter(verb="totp_activated", subject_id=str(person.pk)).exists()
    assert Letter.objects.filter(kind="security_change", person=person).exists()
    assert browser.get("/compte/securite/codes/").status_code == 200
    assert "Recovery codes" in browser.get("/compte/securite/").content.decode()


def test_recovery_codes_are_kept_renewed_and_gone_with_the_last_factor(
    browser: Client, person: Person
) -> None:
    browser.get("/compte/securite/application/")
    browser.post("/compte/securite/application/", {"code": code_now(browser.session["mfa.totp.secret"])})
    first = browser.get("/compte/securite/codes/fichier/").content.decode().split()
    assert "attachment" in browser.get("/compte/securite/codes/fichier/").headers["Content-Disposition"]
    assert browser.get("/compte/securite/codes/nouveaux/").status_code == 200
    browser.post("/compte/securite/codes/nouveaux/")
    page = browser.get("/compte/securite/codes/").content.decode()
    second = set(re.findall(r"<code>(\d+)</code>", page))
    assert len(second) == 10
    assert not second & set(first)
    assert browser.get("/compte/securite/application/retirer/").status_code == 200
    browser.post("/compte/securite/application/retirer/")
    assert not Authenticator.objects.filter(user=person).exists()
    changes = Letter.objects.filter(kind="security_change", person=person).values_list(
        "values__change", flat=True
    )
    assert {"totp_activated", "recovery_codes_generated", "totp_deactivated"} <= set(changes)


@pytest.mark.parametrize(
    "address",
    [
        "/compte/securite/codes/nouveaux/",
        "/compte/securite/codes/",
        "/compte/securite/application/retirer/",
        "/compte/securite/cles/ajouter/",
        "/mes-donnees/supprimer/",
    ],
)
def test_what_is_delicate_asks_for_the_factor_again(database: None, address: str) -> None:
    protected = with_second_factor(a_person())
    RecoveryCodes.activate(protected)
    browser = Client()
    browser.force_login(protected)
    asked = browser.get(address, follow=True)
    assert asked.redirect_chain[-1][0].startswith("/compte/securite/confirmation/")
    refused = browser.post("/compte/securite/confirmation/", {"code": "000000", "next": address})
    assert refused.status_code == 200
    assert browser.get(address).status_code == 302


def test_another_persons_passkey_cannot_be_touched(browser: Client) -> None:
    theirs = Authenticator.objects.create(
        user=a_person(), type="webauthn", data={"name": "x", "credential": {}}
    )
    for address in (f"/compte/securite/cles/{theirs.pk}/", f"/compte/securite/cles/{theirs.pk}/retirer/"):
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"name": "mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


def test_my_voice_says_where_i_have_one_and_claims_it(browser: Client, person: Person) -> None:
    round_ = a_round(state=State.GIVING, name=unique("Vallée"))
    assert round_.register is not None
    page = browser.get("/ma-voix/").content.decode()
    assert round_.name in page
    claimed = browser.post("/ma-voix/", {"register": str(round_.register.pk)}, follow=True)
    assert "Your voice counts now" in claimed.content.decode()
    assert has_voice(person, round_.register)


@pytest.mark.parametrize("register", ["", "x", "0", "9" * 30, "-1"])
def test_a_register_that_is_none_is_no_error_of_ours(browser: Client, register: str) -> None:
    assert browser.post("/ma-voix/", {"register": register}).status_code == 404


def test_a_certified_voice_is_granted_elsewhere(browser: Client, person: Person) -> None:
    round_ = a_round(state=State.GIVING, register=a_register(strategy=Strategy.CERTIFIED))
    assert round_.register is not None
    refused = browser.post("/ma-voix/", {"register": str(round_.register.pk)}, follow=True)
    assert "granted by" in refused.content.decode()
    assert not has_voice(person, round_.register)


def test_a_register_of_no_public_round_cannot_be_claimed(browser: Client) -> None:
    assert browser.post("/ma-voix/", {"register": str(a_register().pk)}).status_code == 404
