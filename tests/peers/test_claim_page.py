"""FranceConnect is asked for names and birth only when somebody claims a voice, and says so beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from django.urls import reverse

from abonde.identities.linked import identities_of
from abonde.people.actions import delete_account
from abonde.register.models import Register, Strategy
from abonde.register.queries import has_voice
from tests.domain.register.test_claims import an_entry
from tests.factories import a_person, a_register, a_round
from tests.openid_peers import Peer
from tests.peers.conftest import ROWS
from tests.peers.test_claiming import ANGELA
from tests.peers.visitor import Site, Visitor, parameters_of

CLAIM: Final = re.compile(r'href="([^"]+/lier/\?voix=1&amp;jeton=[^"]+)"')
ASKED: Final = "openid given_name family_name birthdate birthplace"


@pytest.fixture
def plain(peers: dict[str, Peer], site_with: Callable[..., Site]) -> Iterator[Site]:
    """FranceConnect as it is set up: a log-in asks for nothing but a number."""
    yield site_with(peers["franceconnect"], scopes="openid")
    site_with(peers["franceconnect"], **ROWS["franceconnect"])


@pytest.fixture
def register(database: None, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The only register in which anything can be claimed: rounds of other tests go on in the same database."""
    made = a_register(strategy=Strategy.CERTIFIED)
    a_round(register=made)
    an_entry(made, ANGELA)
    only = Register.objects.filter(pk=made.pk).select_related("owner")
    monkeypatch.setattr("abonde.web.identities.proving.claimable", only.all)
    return made


def leave_to_claim(visitor: Visitor) -> str:
    page = visitor.client.get(reverse("identity-voice", args=[visitor.site.row.slug])).content.decode()
    (path,) = CLAIM.findall(page)
    return str(visitor.client.get(path.replace("&amp;", "&"))["location"])


def claim(visitor: Visitor, account: str) -> None:
    visitor.come_back(visitor.site.consent(leave_to_claim(visitor), {"account": account}))


def test_log_in_then_claim(plain: Site, register: Register) -> None:
    visitor = plain.visitor()
    address = visitor.begin(next=reverse("my-data"))
    assert parameters_of(address)["scope"] == "openid"
    visitor.come_back(plain.consent(address, {"account": "angela"}))
    assert visitor.led_to.startswith(reverse("identity-voice", args=[plain.row.slug]))
    assert reverse("my-data") in visitor.page
    person = visitor.person
    assert person is not None
    assert not has_voice(person, register)

    address = leave_to_claim(visitor)
    assert parameters_of(address)["scope"] == ASKED
    visitor.come_back(plain.consent(address, {"account": "angela"}))
    assert visitor.led_to == reverse("my-voice")
    assert visitor.person == person
    assert has_voice(person, register)

    again = plain.visitor().log_in("angela")
    assert again.person == person
    assert f"/{plain.row.slug}/voix/" not in again.led_to
    delete_account(person=person)


def test_an_account_by_code_claims_by_franceconnect_and_stays_itself(plain: Site, register: Register) -> None:
    visitor = plain.visitor()
    person = visitor.log_in_as(a_person())
    claim(visitor, "angela")
    assert visitor.person == person
    assert has_voice(person, register)
    assert identities_of(person).exists()
    delete_account(person=person)


def test_deleted_and_come_back_is_still_one_voice(plain: Site, register: Register) -> None:
    first = plain.visitor().log_in("angela")
    claim(first, "angela")
    assert first.person is not None
    delete_account(person=first.person)
    second = plain.visitor().log_in("angela")
    claim(second, "angela")
    assert second.person is not None
    assert not has_voice(second.person, register)
    assert register.certificates.count() == 1
    delete_account(person=second.person)


def test_only_providers_that_prove_civil_registry(forum: Site, database: None) -> None:
    visitor = forum.visitor()
    visitor.log_in_as()
    assert visitor.client.get(reverse("identity-voice", args=[forum.row.slug])).status_code == 404
