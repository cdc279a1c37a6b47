from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonde.matching.refusal import Refusal
from abonde.projects import identifiers, texts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\u202egnp.exe", "gnp.exe"),
        ("قهوة الإصلاح", "قهوة الإصلاح"),
        ("👩\u200d🌾 🥖", "👩\u200d🌾 🥖"),
        ("e\u0301te\u0301", "été"),
        ("\ud800half", "half"),
        ("\x1b[31mred", "[31mred"),
        ("  \n ", ""),
        ("𝔄𝔟", "𝔄𝔟"),
    ],
)
def test_texts_keep_what_people_read(typed: str, kept: str) -> None:
    assert texts.paragraphs(typed) == kept


@given(st.text(alphabet=st.characters(), max_size=200))
def test_every_text_can_be_stored_and_cleaning_twice_changes_nothing(typed: str) -> None:
    kept = texts.paragraphs(typed)
    kept.encode()
    assert "\0" not in kept
    assert texts.paragraphs(kept) == kept
    assert "\n" not in texts.line(typed)
    assert all(unicodedata.category(one) != "Cc" for one in texts.line(typed))


def test_a_long_text_is_refused_with_its_length() -> None:
    with pytest.raises(Refusal, match="20001 characters; 20000 fit"):
        texts.at_most(texts.LONGEST_STORY, "x" * 20_001)


@pytest.mark.parametrize("number", ["", "552 100 554", "552100554", "552.100.554"])
def test_sirens_are_known_by_their_last_digit(number: str) -> None:
    assert identifiers.siren_of(number) in {"", "552100554"}


@pytest.mark.parametrize("number", ["552100555", "55210055", "ABC", "\u0665\u0665\u0662100554"])
def test_wrong_sirens_are_refused(number: str) -> None:
    with pytest.raises(identifiers.WrongNumber, match="not a SIREN"):
        identifiers.siren_of(number)


def test_sirets_ibans_and_rna_numbers() -> None:
    assert identifiers.siret_of("732 829 320 00074") == "73282932000074"
    assert identifiers.iban_of("fr14 2004 1010 0505 0001 3m02 606") == "FR1420041010050500013M02606"
    assert identifiers.rna_of("w313012345") == "W313012345"
    assert identifiers.rna_of("W9R1001234") == "W9R1001234"


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (identifiers.siret_of, "73282932000075"),
        (identifiers.siret_of, "732829320"),
        (identifiers.iban_of, "FR1420041010050500013M02607"),
        (identifiers.iban_of, "FR14"),
        (identifiers.iban_of, "<script>"),
        (identifiers.rna_of, "X313012345"),
        (identifiers.rna_of, "W31301234"),
    ],
)
def test_wrong_numbers_are_refused(check: object, number: str) -> None:
    assert callable(check)
    with pytest.raises(identifiers.WrongNumber):
        check(number)
