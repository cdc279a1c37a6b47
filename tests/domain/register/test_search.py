from __future__ import annotations

from django.utils.timezone import now

from abonde.core.sealing import unseal
from abonde.register.identity import Pivot, entry_key, place_key, read_pivot
from abonde.register.models import Entry, Origin, Register, Strategy
from abonde.register.search import find_entries, near_entries
from tests.factories import a_register


def an_entry(register: Register, pivot: Pivot) -> Entry:
    secret = unseal(bytes(register.sealed_key))
    return Entry.objects.create(
        register=register,
        key=entry_key(secret, pivot),
        place_key=place_key(secret, pivot),
        origin=Origin.IMPORT,
    )


def test_somebody_is_found_by_who_they_are(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    entry = an_entry(register, read_pivot("Lefèvre", "Zoé Anne", "12/03/1990", "26113"))
    assert find_entries(register, read_pivot("LEFEVRE", "ZOE", "1990-03-12", "26113")) == [entry]
    assert find_entries(register, read_pivot("Lefèvre", "Zoé", "1990-03-12")) == [entry]
    assert find_entries(register, read_pivot("Lefèvre", "Zoé", "1990-03-12", "26108")) == []
    assert find_entries(register, read_pivot("Lefèvre", "Zoé", "1990-03-13")) == []
    other = a_register(strategy=Strategy.CERTIFIED)
    assert find_entries(other, read_pivot("Lefèvre", "Zoé", "1990-03-12", "26113")) == []


def test_homonyms_born_the_same_day_are_told_apart_by_their_birthplace(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    here, there = (
        an_entry(register, read_pivot("Petit", "Léa", "1990-03-12", p)) for p in ("26113", "26108")
    )
    assert find_entries(register, read_pivot("Petit", "Léa", "1990-03-12", "26108")) == [there]
    assert find_entries(register, read_pivot("Petit", "Léa", "1990-03-12")) == [here, there]


def test_who_has_left_is_found_only_where_asked_for(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    pivot = read_pivot("Petit", "Léa", "1990-03-12")
    entry = an_entry(register, pivot)
    Entry.objects.filter(pk=entry.pk).update(left_at=now())
    assert find_entries(register, pivot) == []
    assert find_entries(register, pivot, gone_too=True) == [entry]
    assert near_entries(register, read_pivot("Petits", "Léa", "1990-03-12")) == []


def test_near_misses_are_shown_with_how_they_are_written(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    swapped = an_entry(register, read_pivot("Léa", "Petit", "1990-03-12", "26113"))
    slip = an_entry(register, read_pivot("Petot", "Léa", "1990-03-12"))
    elsewhere = an_entry(register, read_pivot("Petitt", "Léa", "1990-03-12", "26108"))
    exact = an_entry(register, read_pivot("Petit", "Léa", "1990-03-12"))
    found = near_entries(register, read_pivot("Petit", "Léa", "1990-03-12", "26113"))
    assert [(one.birth_name, one.given_names, entry) for one, entry in found] == [
        ("Léa", "Petit", swapped),
        ("petot", "Léa", slip),
    ]
    assert {elsewhere, exact}.isdisjoint(entry for _one, entry in found)


def test_another_birthplace_is_shown_and_never_found(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    entry = an_entry(register, read_pivot("Petit", "Léa", "1990-03-12", "26113"))
    typed = read_pivot("PETIT", "Lea", "1990-03-12", "26108")
    assert find_entries(register, typed) == []
    assert near_entries(register, typed) == [(typed, entry)]
