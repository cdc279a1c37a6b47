"""What may be wrong with a row of a register. A fault never repeats what was written: it may be somebody's name."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from abonde.language import mark
from abonde.matching.refusal import Refusal


class Fault(StrEnum):
    """Why a row cannot be used."""

    NO_BIRTH_NAME = "no_birth_name"
    NO_GIVEN_NAME = "no_given_name"
    NO_BIRTHDATE = "no_birthdate"
    UNREADABLE_DATE = "unreadable_date"
    IMPOSSIBLE_DATE = "impossible_date"
    SHORT_YEAR = "short_year"
    UNREADABLE_PLACE = "unreadable_place"
    TOO_LONG = "too_long"
    SHORT_ROW = "short_row"
    TWICE = "twice"
    AMBIGUOUS = "ambiguous"


SENTENCES: Final[Mapping[Fault, str]] = {
    Fault.NO_BIRTH_NAME: mark("The birth name is missing."),
    Fault.NO_GIVEN_NAME: mark("The given names are missing."),
    Fault.NO_BIRTHDATE: mark("The birth date is missing."),
    Fault.UNREADABLE_DATE: mark("The birth date cannot be read: write it as 31/12/1990 or 1990-12-31."),
    Fault.IMPOSSIBLE_DATE: mark("There is no such birth date: look at day, month and year."),
    Fault.SHORT_YEAR: mark("Write the year of birth with four digits."),
    Fault.UNREADABLE_PLACE: mark(
        "The birthplace is neither empty nor a commune’s five-character code, such as 26113: a name or a postcode will not do."
    ),
    Fault.TOO_LONG: mark("A name or a group is too long: look whether columns have slipped."),
    Fault.SHORT_ROW: mark("The row has fewer columns than the others."),
    Fault.TWICE: mark("The same person stands in an earlier row."),
    Fault.AMBIGUOUS: mark(
        "Several people have this name and birth date, and a birthplace is missing: write it in each of their rows."
    ),
}
"""What the agent reads about each fault."""


class Unreadable(Refusal):
    """An identity that cannot be read; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(SENTENCES[fault])
        self.fault = fault
