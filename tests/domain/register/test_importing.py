from __future__ import annotations

import io
from dataclasses import replace

from abonde.core.sealing import unseal
from abonde.register.identity import entry_key, place_key, read_pivot
from abonde.register.importing import bring_file, confirm_import, name_columns
from abonde.register.importing_difference import apply, compare
from abonde.register.importing_file import sealed_pieces
from abonde.register.importing_layout import Layout
from abonde.register.importing_rows import read_rows
from abonde.register.models import Entry, Import, Piece, Register, Row, Strategy
from abonde.register.search import find_entries
from abonde.register.states import State
from tests.factories import a_register, the_manager


def brought(register: Register, text: str, encoding: str = "utf-8") -> Import:
    agent = the_manager(register.owner)
    made = bring_file(
        person=agent, register=register, pieces=list(sealed_pieces(io.BytesIO(text.encode(encoding))))
    )
    name_columns(person=agent, import_id=made.pk, layout=Layout.from_json(made.layout))
    made.refresh_from_db()
    assert read_rows(import_id=made.pk, reading=made.reading)
    compare(import_id=made.pk)
    made.refresh_from_db()
    return made


def confirmed(made: Import) -> dict[str, int]:
    confirm_import(person=the_manager(made.register.owner), import_id=made.pk)
    apply(import_id=made.pk)
    made.refresh_from_db()
    assert made.state == State.DONE
    return dict(made.counts)


TITLES = "Nom de naissance;Prénoms;Date de naissance;Code commune de naissance;Bureau de vote\n"


def test_a_file_fills_a_register_and_a_later_one_brings_it_up_to_date(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    first = brought(
        register,
        f"{TITLES}Lefèvre;Zoé Anne;12/03/1990;26113;1\nPetit;Léa;1/2/1980;;1\nRoux;Tom;demain;;1\n"
        "Petit;Léa;1980-02-01;;2\nNoir;Ana;1970-00-00;26108;2\n",
        "cp1252",
    )
    assert first.state == State.COMPARED
    assert {k: first.counts[k] for k in ("new", "unchanged", "changed", "gone", "bad")} == {
        "new": 3,
        "unchanged": 0,
        "changed": 0,
        "gone": 0,
        "bad": 2,
    }
    confirmed(first)
    assert Piece.objects.filter(of=first).count() == 0
    assert list(Row.objects.filter(of=first).order_by("number").values_list("number", "fault")) == [
        (4, "unreadable_date"),
        (5, "twice"),
    ]
    lea = find_entries(register, read_pivot("Petit", "Léa", "1980-02-01"))
    assert len(lea) == 1
    second = brought(
        register,
        f"{TITLES}Lefèvre;Zoé Anne;12/03/1990;26113;1\nPetit;Léa;1/2/1980;26113;1\nNeuf;Max;1/1/2000;;1\n",
    )
    counts = confirmed(second)
    assert counts == {
        "new": 1,
        "unchanged": 1,
        "changed": 1,
        "returned": 0,
        "bad": 0,
        "gone": 1,
        "gone_with_voice": 0,
    }
    assert find_entries(register, read_pivot("Petit", "Léa", "1980-02-01", "26113")) == lea
    assert Entry.objects.filter(register=register).count() == 4


def test_whoever_was_added_between_the_comparison_and_the_confirmation_is_seen(database: None) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    confirmed(brought(register, f"{TITLES}Roux;Tom;1/1/2000;;1\n"))
    underway = brought(
        register,
        f"{TITLES}Lefèvre;Zoé;12/03/1990;;1\nPetit;Léa;1/2/1980;;1\nPetit;Léa;1/2/1980;;1\nRoux;Tom;1/1/2000;;1\n",
    )
    assert (underway.counts["new"], underway.counts["unchanged"], underway.counts["bad"]) == (2, 1, 1)
    secret = unseal(bytes(register.sealed_key))
    zoe, lea = read_pivot("Lefèvre", "Zoé", "12/03/1990"), read_pivot("Petit", "Léa", "1/2/1980")
    Entry.objects.create(register=register, key=entry_key(secret, zoe), origin="counter")
    for place in ("26113", "26108"):
        there = place_key(secret, replace(lea, birthplace=place))
        Entry.objects.create(register=register, key=entry_key(secret, lea), place_key=there, origin="counter")
    counts = confirmed(underway)
    assert {kind: number for kind, number in counts.items() if number} == {
        "unchanged": 1,
        "changed": 1,
        "bad": 2,
    }
    assert Entry.objects.filter(register=register).count() == 4
    assert sorted(Row.objects.filter(of=underway).values_list("number", "fault")) == [
        (3, "ambiguous"),
        (4, "twice"),
    ]
