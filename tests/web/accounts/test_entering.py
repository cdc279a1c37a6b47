from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from abonde.core.clock import present_time
from abonde.core.models import Event
from abonde.notifications.models import Letter
from abonde.organisations.models import Kind, Role
from abonde.people.models import Person, Session
from abonde.register.queries import has_voice
from abonde.rounds.states import State
from tests.factories import a_person, a_round, an_agent, an_organisation, unique

LOG_IN = "/compte/connexion/"
CODE = "/compte/connexion/code/"
PROOF = "/compte/connexion/preuve/"


@pytest.fixture(autouse=True)
def no_attempts_before(database: None) -> None:
    cache.clear()


@pytest.fixture
def visitor(database: None) -> Client:
    return Client(headers={"accept-language": "en"})


def code_for(address: str) -> str:
    return str(Letter.objects.filter(address=address).latest("created_at").values["code"])


def log_in(visitor: Client, address: str, *, then: str = "") -> str:
    """Ask for a code, type it, and say where this led."""
    visitor.post(LOG_IN, {"email": address, "next": then})
    return visitor.post(CODE, {"code": code_for(address), "next": then}).headers["Location"]


def test_a_new_address_gets_an_account_in_the_same_step(visitor: Client) -> None:
    address = f"{unique('new')}@example.org"
    assert visitor.post(LOG_IN, {"email": address}).headers["Location"] == CODE
    page = visitor.get(CODE).content.decode()
    assert address in page
    assert log_in(visitor, address, then="/mon-compte/") == "/mon-compte/"
    person = Person.objects.get(email=address)
    assert EmailAddress.objects.get(user=person).verified
    assert visitor.get("/mon-compte/").status_code == 200
    assert Event.objects.filter(verb="log_in", subject_id=str(person.pk)).count() == 1
    session = Session.objects.get(person=person)
    assert session.expire_date - present_time() > timedelta(days=13)


def test_logging_in_a_second_time_opens_the_same_account(visitor: Client) -> None:
    person = a_person()
    log_in(visitor, str(person.email))
    assert visitor.session["_auth_user_id"] == str(person.pk)


def test_known_and_unknown_addresses_get_the_same_answer(visitor: Client) -> None:
    known, unknown = str(a_person().email), f"{unique('camille')}@example.org"
    answers, letters = [], []
    for address in (known, unknown):
        browser = Client(headers={"accept-language": "en"})
        asked = browser.post(LOG_IN, {"email": address}, follow=True)
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", asked.content.decode()).replace(
            address, "…"
        )
        answers.append((asked.redirect_chain, page))
        letters.append(Letter.objects.filter(address=address).latest("created_at").kind)
    assert answers[0] == answers[1]
    assert letters[0] == letters[1] == "login_code"


def test_a_wrong_code_is_refused_and_five_end_the_attempt(visitor: Client) -> None:
    address = str(a_person().email)
    visitor.post(LOG_IN, {"email": address})
    wrong = "0000-0001" if code_for(address) != "0000-0001" else "0000-0002"
    for _attempt in range(4):
        refused = visitor.post(CODE, {"code": wrong})
        assert refused.status_code == 200
        assert "This is not the code" in refused.content.decode()
    assert visitor.post(CODE, {"code": wrong}).headers["Location"] == LOG_IN
    visitor.post(CODE, {"code": code_for(address)})
    assert "_auth_user_id" not in visitor.session


def test_a_code_is_good_for_fifteen_minutes_in_one_browser(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(a_person().email)
    visitor.post(LOG_IN, {"email": address})
    elsewhere = Client()
    assert elsewhere.post(CODE, {"code": code_for(address)}).headers["Location"] == LOG_IN
    later = present_time().timestamp() + 15 * 60 + 1
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: later)
    visitor.post(CODE, {"code": code_for(address)})
    assert "_auth_user_id" not in visitor.session


def test_another_code_replaces_the_former(visitor: Client) -> None:
    address = str(a_person().email)
    visitor.post(LOG_IN, {"email": address})
    former = code_for(address)
    visitor.post(CODE, {"action": "resend"})
    assert code_for(address) != former
    visitor.post(CODE, {"code": former})
    assert "_auth_user_id" not in visitor.session
    visitor.post(CODE, {"code": code_for(address)})
    assert "_auth_user_id" in visitor.session


def test_the_session_has_another_key_after_logging_in(visitor: Client) -> None:
    address = str(a_person().email)
    visitor.post(LOG_IN, {"email": address})
    planted = visitor.session.session_key
    visitor.post(CODE, {"code": code_for(address)})
    assert visitor.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_link_of_ours_leads_to_other_sites(visitor: Client, elsewhere: str) -> None:
    assert log_in(visitor, str(a_person().email), then=elsewhere).startswith("/")
    assert "evil" not in log_in(Client(), str(a_person().email), then=elsewhere)


def test_codes_cannot_be_asked_for_without_end(visitor: Client) -> None:
    address = str(a_person().email)
    for attempt in range(3):
        Client(REMOTE_ADDR=f"192.0.2.{attempt}").post(LOG_IN, {"email": address})
    sent = Letter.objects.filter(address=address).count()
    refused = Client(REMOTE_ADDR="192.0.2.9", headers={"accept-language": "en"}).post(
        LOG_IN, {"email": address.upper()}
    )
    assert "wait a minute" in refused.content.decode()
    assert Letter.objects.filter(address=address).count() == sent == 3


def test_limits_on_attempts_hold_over_processes(visitor: Client) -> None:
    visitor.post(LOG_IN, {"email": str(a_person().email)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_cache WHERE cache_key LIKE '%request_login_code%'")
        assert cursor.fetchone() == (3,)  # one address of the network, and two limits for the e-mail address


def totp_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_a_second_factor_is_asked_for_and_a_recovery_code_helps_once(visitor: Client) -> None:
    person, secret = a_person(), generate_totp_secret()
    factor = TOTP.activate(person, secret)
    assert secret not in str(factor.instance.data)  # sealed
    codes = RecoveryCodes.activate(person).generate_codes()
    assert log_in(visitor, str(person.email)) == PROOF
    assert visitor.get("/mon-compte/").status_code == 302
    assert "This is not the code" in visitor.post(PROOF, {"code": "000000"}).content.decode()
    visitor.post(PROOF, {"code": totp_code(secret)})
    assert visitor.get("/mon-compte/").status_code == 200
    for expected in (True, False):
        browser = Client()
        log_in(browser, str(person.email))
        browser.post(PROOF, {"code": codes[0]})
        assert ("_auth_user_id" in browser.session) is expected


def test_entering_claims_the_voice_of_rounds_that_take_gifts(visitor: Client) -> None:
    giving, applying, person = a_round(state=State.GIVING), a_round(state=State.APPLICATIONS), a_person()
    log_in(visitor, str(person.email))
    assert giving.register is not None
    assert applying.register is not None
    assert has_voice(person, giving.register)
    assert not has_voice(person, applying.register)


def test_no_page_knows_a_password(visitor: Client) -> None:
    addresses = {str(pattern) for pattern in get_resolver().reverse_dict if isinstance(pattern, str)}
    assert not [name for name in addresses if "password" in name]
    for address in ("password/reset/", "password/change/", "compte/password/reset/", "login/", "signup/"):
        assert visitor.get(f"/{address}").status_code == 404
    for name in ("account_login", "account_signup"):
        assert 'type="password"' not in visitor.get(reverse(name), follow=True).content.decode()


def test_agents_come_to_their_workspace_and_citizens_to_the_home_page(visitor: Client) -> None:
    agent = an_agent(an_organisation(Kind.HOST), Role.READER, second_factor=False)
    assert log_in(visitor, str(agent.email)) == "/espace/"
    assert log_in(Client(), str(a_person().email)) == "/"


def test_pages_go_on_in_the_persons_language(visitor: Client) -> None:
    person = a_person(language="fr")
    log_in(visitor, str(person.email))
    assert '<html lang="fr">' in visitor.get("/mon-compte/").content.decode()
    other = Client()
    other.cookies["django_language"] = "en"
    log_in(other, str(person.email))
    assert '<html lang="en">' in other.get("/mon-compte/").content.decode()


def test_signing_up_is_logging_in(visitor: Client) -> None:
    assert (
        visitor.get("/compte/inscription/?next=/ma-voix/").headers["Location"] == f"{LOG_IN}?next=/ma-voix/"
    )


def test_a_deleted_persons_browser_is_logged_out(visitor: Client) -> None:
    person = a_person()
    visitor.force_login(person)
    Person.objects.filter(pk=person.pk).update(deleted_at=present_time(), email=None, name="")
    assert visitor.get("/mon-compte/").status_code == 302


def test_passkeys_ask_for_no_inline_script(visitor: Client) -> None:
    answer = visitor.get(LOG_IN)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>", answer.content.decode())
    assert scripts
    assert all("src=" in attributes or "application/json" in attributes for attributes in scripts)
    options = visitor.get("/compte/connexion/cle/", headers={"accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["rpId"] == "testserver"
