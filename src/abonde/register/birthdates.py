"""Birth dates as registers write them: French or ISO, whole or partial, always read as the text YYYY-MM-DD."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from abonde.register.faults import Fault, Unreadable

FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2150
MONTHS_IN_A_YEAR: Final = 12

NUMBERS: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2,4})")
MONTH_AND_YEAR: Final = re.compile(r"(\d{1,2})[/.\-](\d{4})")
ISO: Final = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
TOGETHER: Final = re.compile(r"\d{8}")
WORDS: Final = re.compile(r"(?:(\d{1,2})(?:er)?\s+)?([^\W\d]+)\.?\s+(\d{2,4})")
MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
"""What programs add to a date that they keep as an instant."""

MONTHS: Final = {
    start: number
    for number, starts in enumerate(
        (
            ("jan",),
            ("fév", "fev"),
            ("mar",),
            ("avr", "apr"),
            ("mai", "may"),
            ("juin", "jun"),
            ("juil", "jul"),
            ("aoû", "aou", "aug"),
            ("sep",),
            ("oct",),
            ("nov",),
            ("déc", "dec"),
        ),
        start=1,
    )
    for start in starts
}
"""How the names of months begin, French and English."""


def read_birthdate(text: str) -> str:
    """The date as YYYY-MM-DD; what is unknown of it is 00, as in 1990-00-00. Day before month, but in ISO.

    Raises Unreadable.
    """
    written = MIDNIGHT.sub("", text.strip().casefold().removesuffix(".0"))
    if not written:
        raise Unreadable(Fault.NO_BIRTHDATE)
    year, month, day = _parts(written)
    if not FIRST_YEAR <= year <= LAST_YEAR or (day and not month):
        raise Unreadable(Fault.IMPOSSIBLE_DATE)
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise Unreadable(Fault.IMPOSSIBLE_DATE) from None
    return f"{year:04}-{month:02}-{day:02}"


def _parts(written: str) -> tuple[int, int, int]:
    if found := ISO.fullmatch(written):
        year, month, day = (int(part or 0) for part in found.groups())
        return year, month, day
    if found := NUMBERS.fullmatch(written):
        return _year(found[3]), int(found[2]), int(found[1])
    if found := MONTH_AND_YEAR.fullmatch(written):
        return int(found[2]), int(found[1]), 0
    if TOGETHER.fullmatch(written):
        # No year is ambiguous: read the other way round, 19 or 20 would be a month.
        if FIRST_YEAR <= int(written[:4]) <= LAST_YEAR and int(written[4:6]) <= MONTHS_IN_A_YEAR:
            return int(written[:4]), int(written[4:6]), int(written[6:])
        return int(written[4:]), int(written[2:4]), int(written[:2])
    if found := WORDS.fullmatch(written):
        number = next((number for start, number in MONTHS.items() if found[2].startswith(start)), None)
        if number is not None:
            return _year(found[3]), number, int(found[1] or 0)
    raise Unreadable(Fault.UNREADABLE_DATE)


def _year(written: str) -> int:
    if len(written) != len("1990"):
        raise Unreadable(Fault.SHORT_YEAR)
    return int(written)
