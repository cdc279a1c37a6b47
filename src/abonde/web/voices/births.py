"""Birth dates in words, as far as they are known: slips of day and month leap to the eye."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format


def in_words(birthdate: str) -> str:
    """YYYY-MM-DD, with 00 for what is unknown → "12 mars 1990", "mars 1990" or "1990"."""
    year, month, day = map(int, birthdate.split("-"))
    if not month or not year:
        return f"{year:04}"
    return date_format(date(year, month, day or 1), "j F Y" if day else "F Y")
