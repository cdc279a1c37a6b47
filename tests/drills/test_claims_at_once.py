"""One voice and limited guesses, also where several processes of the platform are asked at the same moment."""

from __future__ import annotations

import pytest

from abonde.register.codes import BY_PERSON, make_code
from abonde.register.models import Certificate, Entry
from abonde.register.queries import number_of_voices
from tests.domain.register.test_claims import a_certified_register
from tests.drills.claiming import at_once
from tests.factories import a_person, the_manager

pytestmark = pytest.mark.usefixtures("database")

PROCESSES = 4


def test_of_a_hundred_who_claim_one_entry_in_four_processes_one_wins() -> None:
    register = a_certified_register()
    entry, people = Entry.objects.get(register=register), [str(a_person().pk) for _ in range(100)]
    shares = [" ".join([str(entry.pk), *people[first::PROCESSES]]) for first in range(PROCESSES)]
    told = at_once("claim", shares)
    assert (told.count("won"), told.count("taken")) == (1, 99)
    assert Certificate.objects.filter(entry=entry).count() == 1
    assert number_of_voices(register) == 1


def test_who_guesses_in_four_processes_is_stopped_as_in_one() -> None:
    register, person = a_certified_register(), a_person()
    make_code(entry=Entry.objects.get(register=register), made_by=the_manager(register.owner))
    told = at_once("guess", [f"{person.pk} 25"] * PROCESSES)
    assert told.count("found") == 0
    assert 0 < told.count("wrong") <= BY_PERSON.most
    assert told.count("wrong") + told.count("stopped") == 100
    assert number_of_voices(register) == 0
