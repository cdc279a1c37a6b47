"""The rules that docs/design/register.md shows, read from it, and what hashes and near misses hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonde.register.birthdates import read_birthdate
from abonde.register.faults import Fault, Unreadable
from abonde.register.identity import (
    Pivot,
    both_keys,
    entry_key,
    given_names,
    near,
    place_key,
    plain_name,
    read_birthplace,
    read_pivot,
)

PAGE = Path(__file__).parents[3] / "docs/design/register.md"
SECRET = b"a register's key of thirty-two b"
CAMILLE = read_pivot("de La Tour", "Jean-Pierre Marie", "12/03/1990", "26113")


def examples(title: str) -> list[list[str]]:
    (_before, section) = PAGE.read_text().split(f"### {title}\n")
    rows = re.findall(r"^\| (.+) \|$", section.split("\n### ")[0], re.MULTILINE)
    return [row.split(" | ") for row in rows if not row.startswith(("written", "---"))]


@pytest.mark.parametrize("row", [row for row in examples("Names") if len(row) == 3], ids=str)
def test_names_have_one_plain_form(row: list[str]) -> None:
    one, other, plain = row
    assert (plain_name(one), plain_name(other)) == (plain, plain)


@pytest.mark.parametrize("row", [row for row in examples("Names") if len(row) == 2], ids=str)
def test_of_given_names_the_first_counts(row: list[str]) -> None:
    written, first = row
    assert plain_name(given_names(written)[0]) == first


@pytest.mark.parametrize("row", examples("Birth dates"), ids=str)
def test_dates_are_read_as_the_page_says(row: list[str]) -> None:
    written, read = row
    if read == "–":
        with pytest.raises(Unreadable):
            read_birthdate(written)
    else:
        assert read_birthdate(written) == read


@pytest.mark.parametrize("row", examples("Birthplaces"), ids=str)
def test_places_are_read_as_the_page_says(row: list[str]) -> None:
    written, read = row
    if read == "–":
        with pytest.raises(Unreadable):
            read_birthplace(written)
    else:
        assert read_birthplace(written) == read


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (("", "Zoé", "1990"), Fault.NO_BIRTH_NAME),
        (("-", "Zoé", "1990"), Fault.NO_BIRTH_NAME),
        (("Martin", " , ", "1990"), Fault.NO_GIVEN_NAME),
        (("Martin", "Zoé", " "), Fault.NO_BIRTHDATE),
        (("Martin", "Zoé", "demain"), Fault.UNREADABLE_DATE),
        (("Martin", "Zoé", "1990-13-01"), Fault.IMPOSSIBLE_DATE),
        (("Martin", "Zoé", "0990-01-01"), Fault.IMPOSSIBLE_DATE),
        (("Martin", "Zoé", "1990-00-12"), Fault.IMPOSSIBLE_DATE),
        (("Martin", "Zoé", "1/1/90"), Fault.SHORT_YEAR),
        (("Martin", "Zoé", "1990", "Valence"), Fault.UNREADABLE_PLACE),
        (("M" * 201, "Zoé", "1990"), Fault.TOO_LONG),
    ],
)
def test_what_cannot_be_read_is_refused_without_repeating_it(parts: tuple[str, ...], fault: Fault) -> None:
    with pytest.raises(Unreadable) as refused:
        read_pivot(*parts)
    assert refused.value.fault == fault
    assert not [part for part in parts if len(part) > 4 and part in str(refused.value)]


def test_the_same_human_has_the_same_hashes_however_written() -> None:
    other = read_pivot("TOUR (DE LA)", "jean-pierre", "1990-03-12", "26113")
    assert entry_key(SECRET, CAMILLE) == entry_key(SECRET, other)
    assert place_key(SECRET, CAMILLE) == place_key(SECRET, other)
    assert len(entry_key(SECRET, CAMILLE)) == len(place_key(SECRET, CAMILLE)) == 32


def test_hashes_tell_apart_people_places_and_registers() -> None:
    elsewhere = read_pivot("de La Tour", "Jean-Pierre", "12/03/1990", "26108")
    nowhere = read_pivot("de La Tour", "Jean-Pierre", "12/03/1990")
    twin = read_pivot("de La Tour", "Jeanne", "12/03/1990", "26113")
    assert entry_key(SECRET, elsewhere) == entry_key(SECRET, CAMILLE)
    assert place_key(SECRET, elsewhere) != place_key(SECRET, CAMILLE)
    assert place_key(SECRET, nowhere) == b""
    assert entry_key(SECRET, twin) != entry_key(SECRET, CAMILLE)
    assert place_key(SECRET, twin) != place_key(SECRET, CAMILLE)
    assert entry_key(b"another key", CAMILLE) != entry_key(SECRET, CAMILLE)


def test_parts_cannot_flow_into_each_other() -> None:
    one, other = Pivot("marti", "nanne", "1990-01-01"), Pivot("martin", "anne", "1990-01-01")
    assert entry_key(SECRET, one) != entry_key(SECRET, other)


def test_a_pivot_shows_nothing_when_it_is_printed() -> None:
    assert repr(CAMILLE) == str(CAMILLE) == "Pivot()"


@pytest.mark.parametrize(
    "parts",
    [
        ("Jean-Pierre", "de La Tour", "1990-03-12"),
        ("de La Tour", "Jean-Pierre", "1990-12-03"),
        ("de La Tour", "Marie", "1990-03-12"),
        ("de La Tour", "Jean", "1990-03-12"),
        ("de La Tour", "Jean-Pierre-Marie", "1990-03-12"),
        ("La Tour", "Jean-Pierre", "1990-03-12"),
        ("Delatours", "Jean-Pierre", "1990-03-12"),
        ("Delatou", "Jean-Pierre", "1990-03-12"),
        ("Delatuor", "Jean-Pierre", "1990-03-12"),
        ("Dalatour", "Jean-Pierre", "1990-03-12"),
        ("de La Tour", "Jean-Piere", "1990-03-12"),
    ],
)
def test_near_finds_a_slip_of_the_pen(parts: tuple[str, str, str]) -> None:
    sought = entry_key(SECRET, read_pivot(*parts))
    assert sought in {entry_key(SECRET, one) for one in near(CAMILLE)}


def test_near_is_bounded_and_never_oneself() -> None:
    longest = read_pivot("a" * 30, "b" * 30, "1990-03-12")
    ones = list(near(longest))
    assert len({(one.birth_name, one.given_names, one.birthdate) for one in ones}) == len(ones) < 3500
    assert entry_key(SECRET, longest) not in {entry_key(SECRET, one) for one in ones}
    assert len(list(near(read_pivot("a" * 200, "b" * 200, "1990-03-12")))) < 10
    assert all(one.birthplace == "26113" for one in near(CAMILLE))


@given(st.text(max_size=30))
def test_a_plain_name_is_stable_and_holds_letters_only(written: str) -> None:
    plain = plain_name(written)
    assert plain_name(plain) == plain
    assert not any(letter.isspace() or letter in "-'’()," or letter.isdigit() for letter in plain)


@given(st.dates())
def test_a_date_is_read_the_same_in_both_forms(day: object) -> None:
    iso = str(day)
    year, month, date = iso.split("-")
    if 1850 <= int(year) <= 2150:
        assert read_birthdate(iso) == read_birthdate(f"{date}/{month}/{year}") == iso


@pytest.mark.parametrize("place", ["", "26113"])
def test_both_keys_are_the_two_keys(place: str) -> None:
    pivot = read_pivot("d’Artagnan", "Zoé Anne", "1990-03-12", place)
    assert both_keys(b"secret", pivot) == (entry_key(b"secret", pivot), place_key(b"secret", pivot))
