"""One voice and limited guesses, also where several processes of the platform are asked at the same moment."""

from __future__ import annotations

from collections import Counter

import pytest

from abonde.register.codes import BY_ADDRESS, BY_PERSON, claim_with_code, make_code
from abonde.register.models import Certificate, Entry
from abonde.register.queries import number_of_voices
from tests.domain.register.test_claims import a_certified_register
from tests.drills.claiming import at_once
from tests.factories import a_person, the_manager, unique

pytestmark = pytest.mark.usefixtures("database")

PROCESSES = 4
GUESSES = 100_000


def test_of_a_hundred_who_claim_one_entry_in_four_processes_one_wins() -> None:
    register = a_certified_register()
    entry, people = Entry.objects.get(register=register), [str(a_person().pk) for _ in range(100)]
    shares = [" ".join([str(entry.pk), *people[first::PROCESSES]]) for first in range(PROCESSES)]
    told = at_once("claim", shares)
    assert (told.count("won"), told.count("taken")) == (1, 99)
    assert Certificate.objects.filter(entry=entry).count() == 1
    assert number_of_voices(register) == 1


def test_a_hundred_thousand_guesses_in_four_processes_find_nothing() -> None:
    """Whoever has many accounts and some addresses; all guess all the time, and no guess beyond the limits is looked at."""
    register = a_certified_register()
    right = make_code(entry=Entry.objects.get(register=register), made_by=the_manager(register.owner))
    people, addresses = [str(a_person().pk) for _ in range(37)], [unique("address") for _ in range(5)]
    bound = min(len(people) * BY_PERSON.most, len(addresses) * BY_ADDRESS.most)
    share = " ".join([str(GUESSES // PROCESSES), ",".join(addresses), *people])
    told = Counter(at_once("guess", [share] * PROCESSES))
    assert set(told) == {"wrong", "stopped"}
    assert told.total() == GUESSES
    assert 0 < told["wrong"] <= bound
    assert number_of_voices(register) == 0
    claim_with_code(person=a_person(), written=right, address=unique("address"))
    assert number_of_voices(register) == 1
