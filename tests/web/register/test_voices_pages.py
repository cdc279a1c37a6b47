"""Claiming a voice on the pages: a letter's code, the counter, a colleague's confirmation, FranceConnect's answer."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from abonde.core.models import Event
from abonde.organisations.models import Kind, Role
from abonde.people.models import Person
from abonde.register.actions import revoke_certificate
from abonde.register.claims import claim_entry
from abonde.register.codes import make_code
from abonde.register.counter import ask_two_officials, number_for
from abonde.register.identity import read_pivot
from abonde.register.models import Certificate, CounterNumber, Entry, Proposal, Register, Strategy
from abonde.register.queries import has_voice
from abonde.rounds.states import State
from tests.domain.register.test_claims import ZOE, an_entry
from tests.factories import a_person, a_register, a_round, an_agent, an_organisation, the_code_of, the_manager
from tests.web.giving.conftest import Browser

pytestmark = pytest.mark.usefixtures("database")

CARD = {"birth_name": "LEFEVRE", "given_names": "Zoé", "birthdate": "12/03/1990", "birthplace": ""}


class Counter:
    """A certified register with one entry, and the browser of its official."""

    def __init__(self, browser: Browser) -> None:
        self.certifier = an_organisation(Kind.CERTIFIER)
        self.register: Register = a_register(self.certifier, strategy=Strategy.CERTIFIED)
        self.entry: Entry = an_entry(self.register, ZOE)
        self.official: Person = an_agent(self.certifier, Role.REGISTRAR)
        self.client: Client = browser(self.official)

    def post(self, name: str, **fields: str) -> str:
        address = reverse(name, args=[self.certifier.slug, self.register.pk])
        response = self.client.post(address, fields, follow=True)
        assert response.status_code == HTTPStatus.OK
        return response.content.decode()

    def token(self) -> str:
        found = re.search(r'name="entry" value="([^"]+)"', self.post("counter-search", **CARD))
        assert found is not None
        return found[1]


@pytest.fixture
def counter(browser: Browser) -> Counter:
    return Counter(browser)


def test_the_only_register_opens_at_once(counter: Counter) -> None:
    response = counter.client.get(reverse("counter", args=[counter.certifier.slug]))
    assert response.headers["Location"] == reverse(
        "counter-search", args=[counter.certifier.slug, counter.register.pk]
    )
    page = counter.client.get(response.headers["Location"]).content.decode()
    assert "autofocus" in page
    assert "Nothing of what you type is kept" in page


def test_an_account_is_certified_by_the_number_on_its_screen(counter: Counter, browser: Browser) -> None:
    person = a_person()
    a_round(register=counter.register)
    screen = browser(person).get(reverse("my-voice-counter")).content.decode()
    number = CounterNumber.objects.get(person=person).number
    assert f"{number[:3]} {number[3:]}" in screen
    shown = counter.post("counter-search", **CARD)
    assert "In the register" in shown
    assert "12 March 1990" in shown
    assert "Done" in counter.post("counter-certify", entry=counter.token(), number=number, **CARD)
    assert has_voice(person, counter.register)
    assert "your voice counts now" in browser(person).get(reverse("my-voice-counter")).content.decode()
    assert "voice has been claimed already" in counter.post("counter-search", **CARD)


def test_a_wrong_number_keeps_what_was_typed(counter: Counter) -> None:
    shown = counter.post("counter-certify", entry=counter.token(), number="000", **CARD)
    assert "No screen shows this number now" in shown
    assert 'value="LEFEVRE"' in shown
    assert "Type the six digits" in counter.post("counter-certify", entry=counter.token(), number="", **CARD)


@pytest.mark.parametrize("token", ["", "x", "a:b:c"])
def test_an_entry_that_was_not_looked_up_is_not_acted_upon(counter: Counter, token: str) -> None:
    number = number_for(a_person()).number
    assert "This search is over" in counter.post("counter-certify", entry=token, number=number, **CARD)
    assert "This search is over" in counter.post("counter-slip", entry=token)
    assert not Certificate.objects.filter(register=counter.register).exists()


def test_a_colleagues_token_is_not_ones_own(counter: Counter, browser: Browser) -> None:
    token = counter.token()
    counter.client = browser(an_agent(counter.certifier, Role.REGISTRAR))
    assert "This search is over" in counter.post("counter-slip", entry=token)


def test_a_slip_has_a_code_that_claims_the_voice(counter: Counter, browser: Browser) -> None:
    slip = counter.post("counter-slip", entry=counter.token())
    code = re.search(r'class="slip__code">([^<]+)<', slip)
    assert code is not None
    person = a_person()
    client = browser(person)
    page = client.get(reverse("my-voice-code"), {"code": code[1]}).content.decode()
    assert f'value="{code[1]}"' in page
    shown = client.post(reverse("my-voice-code"), {"code": code[1].lower()}, follow=True).content.decode()
    assert "your voice counts now" in shown
    assert has_voice(person, counter.register)


def test_a_wrong_code_says_what_to_look_at_and_stays(counter: Counter, browser: Browser) -> None:
    client = browser(a_person())
    shown = client.post(reverse("my-voice-code"), {"code": "ABCD O123"}).content.decode()
    assert 'href="#id_code"' in shown
    assert 'aria-invalid="true"' in shown
    assert "neither 0, 1, I, O nor U" in shown
    assert 'value="ABCD O123"' in shown
    assert "Type the code" in client.post(reverse("my-voice-code"), {"code": ""}).content.decode()


def test_guessing_is_stopped_on_the_page(browser: Browser) -> None:
    client = browser(a_person())
    for _ in range(10):
        client.post(reverse("my-voice-code"), {"code": "ABCD"})
    assert "Try again tomorrow" in client.post(reverse("my-voice-code"), {"code": "ABCD"}).content.decode()


def test_a_near_miss_is_shown_and_never_certified(counter: Counter) -> None:
    shown = counter.post("counter-search", **{**CARD, "birth_name": "Lefebvre"})
    assert "Nobody by exactly this name" in shown
    assert "Nearly the same" in shown
    assert "Lefevre" in shown
    assert 'name="entry"' not in shown


def test_whoever_is_registered_with_another_birthplace_is_shown_before_anybody_is_added(
    counter: Counter,
) -> None:
    shown = counter.post("counter-search", **{**CARD, "birthplace": "26999"})
    assert "born elsewhere, says the register" in shown
    assert 'name="entry"' not in shown


@pytest.mark.parametrize("birthdate", ["demain", "31/02/1990", "12/03/90", "\0", "9" * 40])
def test_a_date_that_is_none_is_told_so(counter: Counter, birthdate: str) -> None:
    shown = counter.post("counter-search", **{**CARD, "birthdate": birthdate})
    assert 'href="#id_birthdate"' in shown
    assert 'value="LEFEVRE"' in shown


def test_who_is_not_in_the_register_is_added_at_once(counter: Counter) -> None:
    lea = {**CARD, "birth_name": "Petit", "given_names": "Léa"}
    shown = counter.post("counter-search", **lea)
    assert "Not in the register, but lives here" in shown
    assert "Say which paper was shown" in counter.post("counter-add", **lea, proof="", reason="x")
    shown = counter.post("counter-add", **lea, proof="Bail", reason="Arrivée en juin")
    assert "The person is in the register now" in shown
    assert "Certify this account" in shown


def test_a_second_official_confirms_where_asked(counter: Counter, browser: Browser) -> None:
    ask_two_officials(person=the_manager(counter.certifier), register=counter.register, two=True)
    lea = {**CARD, "birth_name": "Petit", "given_names": "Léa"}
    assert "A colleague has to confirm" in counter.post(
        "counter-add", **lea, proof="Bail", reason="Arrivée en juin"
    )
    address = reverse("counter-proposals", args=[counter.certifier.slug])
    proposal = Proposal.objects.get(register=counter.register)
    own = counter.client.get(address).content.decode()
    assert "Arrivée en juin" in own
    confirm = reverse("counter-proposal", args=[counter.certifier.slug, proposal.pk])
    assert f'action="{confirm}"' not in own
    other = browser(an_agent(counter.certifier, Role.REGISTRAR))
    dashboard = other.get(reverse("workspace", args=[counter.certifier.slug])).content.decode()
    assert "1 person is to be added" in dashboard
    assert f'action="{confirm}"' in other.get(address).content.decode()
    assert "in the register now" in other.post(confirm, follow=True).content.decode()
    assert "Certify this account" in counter.post("counter-search", **lea)


def test_declining_says_first_what_will_happen(counter: Counter) -> None:
    ask_two_officials(person=the_manager(counter.certifier), register=counter.register, two=True)
    lea = {**CARD, "birth_name": "Petit", "given_names": "Léa"}
    counter.post("counter-add", **lea, proof="Bail", reason="Arrivée en juin")
    proposal = Proposal.objects.get(register=counter.register)
    decline = reverse("counter-proposal-decline", args=[counter.certifier.slug, proposal.pk])
    asked = counter.client.get(decline).content.decode()
    assert "Arrivée en juin" in asked
    assert "is not added to" in asked
    proposal.refresh_from_db()
    assert proposal.decided_at is None
    assert "Declined" in counter.client.post(decline, follow=True).content.decode()
    assert counter.client.get(decline).status_code == HTTPStatus.FOUND
    assert "already" in counter.client.post(decline, follow=True).content.decode()


def test_nothing_that_was_typed_is_kept(counter: Counter, capfd: pytest.CaptureFixture[str]) -> None:
    counter.post("counter-search", **CARD)
    counter.post("counter-add", **{**CARD, "birth_name": "Zyxwvut"}, proof="Bail", reason="x")
    events = str(list(Event.objects.filter(tenant=counter.certifier.reference).values()))
    out, err = capfd.readouterr()
    for text in (events, out, err, str(dict(counter.client.session))):
        assert "LEFEVRE" not in text
        assert "Zyxwvut" not in text
        assert "1990" not in text


@pytest.mark.parametrize("role", [Role.READER])
def test_readers_and_strangers_have_no_counter(counter: Counter, browser: Browser, role: Role) -> None:
    address = reverse("counter-search", args=[counter.certifier.slug, counter.register.pk])
    assert browser(an_agent(counter.certifier, role)).get(address).status_code == HTTPStatus.FORBIDDEN
    other = an_organisation(Kind.CERTIFIER)
    stranger = browser(an_agent(other, Role.REGISTRAR))
    assert stranger.get(address).status_code == HTTPStatus.NOT_FOUND
    assert (
        stranger.get(reverse("counter-search", args=[other.slug, counter.register.pk])).status_code
        == HTTPStatus.NOT_FOUND
    )
    assert browser().get(reverse("my-voice-code")).status_code == HTTPStatus.FOUND


def test_my_voice_shows_the_ways(counter: Counter, browser: Browser) -> None:
    a_round(register=counter.register)
    shown = browser(a_person()).get(reverse("my-voice")).content.decode()
    assert reverse("my-voice-code") in shown
    assert reverse("my-voice-counter") in shown
    make_code(entry=counter.entry, made_by=counter.official)


def test_the_list_of_voices_names_nobody_and_takes_back_with_a_reason(
    counter: Counter, browser: Browser
) -> None:
    a_round(register=counter.register)
    person = a_person(name="Zyxwvut Abcdef")
    certificate = claim_entry(person=person, entry=counter.entry, method="code")
    listed = reverse("voices", args=[counter.certifier.slug, counter.register.pk])
    shown = counter.client.get(listed).content.decode()
    assert certificate.reference in shown
    assert "By a code" in shown
    assert "Zyxwvut" not in shown
    assert str(person.email) not in shown
    assert certificate.reference in browser(person).get(reverse("my-voice")).content.decode()
    for asked, seen in (
        ({"q": certificate.reference.lower()}, True),
        ({"q": "V-999"}, False),
        ({"q": "x" * 50}, True),
        ({"way": "counter"}, False),
        ({"state": "revoked"}, False),
        ({"state": "held", "way": "code"}, True),
        ({"page": "x"}, True),
    ):
        found = counter.client.get(listed, asked).content.decode()
        assert (f"<bdi>{certificate.reference}</bdi>" in found) is seen, asked
    address = reverse("voice-revoke", args=[counter.certifier.slug, counter.register.pk, certificate.pk])
    assert "no longer topped up" in counter.client.get(address).content.decode()
    assert "Say why the voice is taken back" in counter.client.post(address, {"reason": ""}).content.decode()
    assert has_voice(person, counter.register)
    sent = {"reason": "Double inscription", "code": the_code_of(counter.official)}
    assert "Double inscription" in counter.client.post(address, sent, follow=True).content.decode()
    assert not has_voice(person, counter.register)
    assert counter.client.get(address).status_code == HTTPStatus.NOT_FOUND


def test_the_list_costs_the_same_for_one_voice_and_for_fifty(
    counter: Counter, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        claim_entry(
            person=a_person(),
            entry=an_entry(counter.register, read_pivot("Petit", "Léa", f"{1950 + number}")),
            method="code",
        )
    address = reverse("voices", args=[counter.certifier.slug, counter.register.pk])
    counter.client.get(address)
    with django_assert_max_num_queries(10):
        counter.client.get(address)


def test_a_lost_account_loses_the_voice_to_the_one_on_the_screen(counter: Counter) -> None:
    lost, new = a_person(), a_person()
    claim_entry(person=lost, entry=counter.entry, method="code")
    shown = counter.post("counter-search", **CARD)
    assert "The person has lost that account" in shown
    found = re.search(r'name="entry" value="([^"]+)"', shown)
    assert found is not None
    number = number_for(new).number
    shown = counter.post("counter-move", entry=found[1], number=number, reason="", **CARD)
    assert "Say why the voice moves." in shown
    assert 'value="LEFEVRE"' in shown
    assert "has it no more" in counter.post(
        "counter-move", entry=found[1], number=number, reason="Boîte perdue", **CARD
    )
    assert has_voice(new, counter.register)
    assert not has_voice(lost, counter.register)


def test_who_takes_a_voice_back_is_read_by_its_holder_and_at_the_counter(
    counter: Counter, browser: Browser
) -> None:
    a_round(state=State.GIVING, register=counter.register)
    holder = a_person(language="en")
    claim_entry(person=holder, entry=counter.entry, method="code")
    revoke_certificate(
        person=an_agent(counter.certifier, Role.REGISTRAR),
        certificate=Certificate.objects.get(entry=counter.entry),
        reason="Signalement anonyme",
    )
    assert (
        "for this reason: “Signalement anonyme”" in browser(holder).get(reverse("my-voice")).content.decode()
    )
    shown = counter.post("counter-search", **CARD)
    assert "for this reason: “Signalement anonyme”" in shown
    assert "Give it back, to the account on the person’s screen" in shown
