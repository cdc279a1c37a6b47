"""A voice claimed by FranceConnect's own software: the signed userinfo becomes hashes, and is let go."""

from __future__ import annotations

import pytest

from abonde.people.actions import delete_account
from abonde.register.codes import claim_with_code, make_code
from abonde.register.identity import read_pivot
from abonde.register.models import Certificate, Register, Strategy
from abonde.register.queries import has_voice, number_of_voices
from abonde.register.strategies import NoVoice
from tests.domain.register.test_claims import an_entry
from tests.factories import a_person, a_register, a_round, the_manager
from tests.peers.visitor import Site

pytestmark = pytest.mark.usefixtures("database")

ANGELA = read_pivot("DUBOIS", "Angela", "24/08/1962", "75107")
OUSMANE = read_pivot("Ba", "Ousmane", "1990")


def a_register_of_a_round() -> Register:
    register = a_register(strategy=Strategy.CERTIFIED)
    a_round(register=register)
    return register


def test_who_is_in_the_register_has_a_voice_after_the_log_in(franceconnect: Site) -> None:
    register = a_register_of_a_round()
    entry = an_entry(register, ANGELA)
    person = franceconnect.visitor().log_in("angela").person
    assert person is not None
    certificate = Certificate.objects.get(person=person, register=register)
    assert (certificate.entry, certificate.method) == (entry, "franceconnect")
    franceconnect.visitor().log_in("angela")
    assert number_of_voices(register) == 1


def test_a_partial_birth_date_matches_the_register_that_knows_no_more(franceconnect: Site) -> None:
    register = a_register_of_a_round()
    an_entry(register, OUSMANE)
    person = franceconnect.visitor().log_in("ousmane").person
    assert person is not None
    assert has_voice(person, register)


def test_who_is_not_in_the_register_logs_in_all_the_same(franceconnect: Site) -> None:
    register = a_register_of_a_round()
    an_entry(register, read_pivot("Dubois", "Angèle", "1962-08-24", "75107"))
    assert franceconnect.visitor().log_in("angela").person is not None
    assert number_of_voices(register) == 0


def test_who_is_not_told_who_they_are_is_not_matched(franceconnect: Site) -> None:
    register = a_register_of_a_round()
    an_entry(register, ANGELA)
    assert franceconnect.visitor().log_in("jean").person is not None
    assert number_of_voices(register) == 0


def test_by_a_letter_first_and_franceconnect_after_is_one_voice(franceconnect: Site) -> None:
    register, first = a_register_of_a_round(), a_person()
    code = make_code(entry=an_entry(register, ANGELA), made_by=the_manager(register.owner))
    claim_with_code(person=first, written=code, address="198.51.100.7")
    delete_account(person=first)
    person = franceconnect.visitor().log_in("angela").person
    assert person is not None
    assert not has_voice(person, register)
    assert number_of_voices(register) == 1


def test_by_franceconnect_first_and_a_letter_after_is_one_voice(franceconnect: Site) -> None:
    register, other = a_register_of_a_round(), a_person()
    code = make_code(entry=an_entry(register, ANGELA), made_by=the_manager(register.owner))
    assert franceconnect.visitor().log_in("angela").person is not None
    with pytest.raises(NoVoice, match="claimed before"):
        claim_with_code(person=other, written=code, address="198.51.100.8")
    assert number_of_voices(register) == 1
