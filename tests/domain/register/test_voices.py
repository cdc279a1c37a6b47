from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from abonde.organisations.models import Kind, Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.actions import delete_account
from abonde.people.models import Person
from abonde.register import announcing
from abonde.register.actions import (
    EntryTaken,
    claim_if_possible,
    claim_own_voice,
    open_register,
    revoke_certificate,
)
from abonde.register.models import Certificate, Entry, Register, Strategy
from abonde.register.queries import has_voice, number_of_voices, voices_among
from abonde.register.strategies import NoVoice, normalised
from tests.factories import a_person, a_register, an_agent, an_organisation, the_manager, unique


def test_a_confirmed_address_is_one_voice(database: None) -> None:
    register, person = a_register(), a_person()
    first = claim_own_voice(person, register)
    assert claim_own_voice(person, register) == first
    assert has_voice(person, register)
    other = a_person()
    assert voices_among(register, [person.pk, other.pk]) == {person.pk}
    assert number_of_voices(register) == 1


def test_an_unconfirmed_address_is_none(database: None) -> None:
    register, person = a_register(), a_person()
    EmailAddress.objects.filter(user=person).update(verified=False)
    with pytest.raises(NoVoice, match="Confirm your e-mail address"):
        claim_own_voice(person, register)
    assert claim_if_possible(person, register) is False


def test_deleting_the_account_and_coming_back_gives_no_second_voice(database: None) -> None:
    register, address = a_register(), f"{unique('back')}@example.org"
    first = a_person(email=address)
    claim_own_voice(first, register)
    delete_account(person=first)
    with pytest.raises(EntryTaken):
        claim_own_voice(a_person(email=address), register)
    assert number_of_voices(register) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Camille@Example.org", " camille@example.ORG ", True),
        ("camille+gifts@example.org", "camille@example.org", True),
        ("ｃamille@example.org", "camille@example.org", True),
        ("camille@example.org", "camille@example.com", False),
        ("+@example.org", "x@example.org", False),
    ],
)
def test_one_mailbox_has_one_spelling(one: str, other: str, same: bool) -> None:
    assert (normalised(one) == normalised(other)) is same


def test_labels_of_one_mailbox_share_one_voice(database: None) -> None:
    register, name = a_register(), unique("label")
    claim_own_voice(a_person(email=f"{name}@example.org"), register)
    with pytest.raises(EntryTaken):
        claim_own_voice(a_person(email=f"{name}+2@example.org"), register)


def test_registers_share_no_key_and_read_as_nothing(database: None) -> None:
    person, registers = a_person(), (a_register(), a_register())
    keys = {bytes(claim_own_voice(person, register).entry.key) for register in registers}
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)


def claims_at_once(register: Register, people: list[Person]) -> list[bool]:
    def claim(person: Person) -> bool:
        try:
            claim_own_voice(person, register)
        except EntryTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(people)) as claims:
        return sorted(claims.map(claim, people))


def test_of_several_claims_of_one_entry_at_once_exactly_one_wins(database: None) -> None:
    register, name = a_register(), unique("race")
    people = [a_person(email=f"{name}+{label}@example.org") for label in range(4)]
    assert claims_at_once(register, people) == [False, False, False, True]
    assert Certificate.objects.filter(register=register, revoked_at=None).count() == 1
    assert Entry.objects.filter(register=register).count() == 1


def test_a_double_click_claims_once(database: None) -> None:
    register, person = a_register(), a_person()
    assert claims_at_once(register, [person] * 4) == [True] * 4
    assert Certificate.objects.filter(register=register).count() == 1


def test_a_voice_is_taken_back_by_the_registrar_for_a_reason_and_does_not_come_back(database: None) -> None:
    owner = an_organisation(Kind.CERTIFIER)
    register, person = a_register(owner), a_person()
    certificate = claim_own_voice(person, register)
    for stranger in (an_agent(owner, Role.READER), the_manager(an_organisation(Kind.CERTIFIER)), person):
        with pytest.raises(NotAllowed):
            revoke_certificate(person=stranger, certificate=certificate, reason="no")
    registrar = an_agent(owner, Role.REGISTRAR)
    with pytest.raises(NotAllowed):
        revoke_certificate(
            person=an_agent(owner, Role.REGISTRAR, second_factor=False), certificate=certificate, reason="no"
        )
    with pytest.raises(ValueError, match="Say why"):
        revoke_certificate(person=registrar, certificate=certificate, reason="  ")
    revoke_certificate(person=registrar, certificate=certificate, reason="Shared address")
    assert not has_voice(person, register)
    with pytest.raises(EntryTaken):
        claim_own_voice(person, register)
    with pytest.raises(ValueError, match="already been taken back"):
        revoke_certificate(person=registrar, certificate=certificate, reason="again")


def test_whoever_counts_is_told_of_each_change(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Person, bool]] = []
    owner = an_organisation(Kind.CERTIFIER)
    register, person = a_register(owner), a_person()
    monkeypatch.setattr(
        announcing, "on_change", [lambda who, where: told.append((who, has_voice(who, where)))]
    )
    certificate = claim_own_voice(person, register)
    claim_own_voice(person, register)
    revoke_certificate(person=the_manager(owner), certificate=certificate, reason="Shared address")
    assert told == [(person, True), (person, False)]


def test_a_certified_register_is_claimed_through_its_certifier(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    with pytest.raises(NoVoice, match="granted by"):
        claim_own_voice(a_person(), register)


def test_managers_open_registers(database: None) -> None:
    owner = an_organisation(Kind.CERTIFIER)
    with pytest.raises(NotAllowed):
        open_register(
            person=an_agent(owner, Role.READER), organisation=owner, strategy=Strategy.OPEN, name="Habitants"
        )
    with pytest.raises(ValueError, match="name"):
        open_register(person=the_manager(owner), organisation=owner, strategy=Strategy.OPEN, name=" ")
