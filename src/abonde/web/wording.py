"""How amounts and refusals are written on a page, in the language of the person who reads it."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.utils.translation import get_language, gettext

from abonde import language
from abonde.matching.amounts import euros_of_cents
from abonde.matching.refusal import Refusal

NARROW: Final = "\u202f"
"""The narrow no-break space of French numbers."""


def number(value: int) -> str:
    """1234567 → "1 234 567" in French, "1,234,567" in English."""
    return f"{value:,}".replace(",", NARROW if _french() else ",").replace("-", "−")


def money(cents: int, *, whole: bool = False) -> str:
    """123450 → "1 234,50 €" in French, "€1,234.50" in English; `whole` leaves ",00" out where there are no cents."""
    euros, _point, rest = euros_of_cents(abs(cents)).partition(".")
    sign = "−" if cents < 0 else ""
    decimals = "" if whole and rest == "00" else f"{',' if _french() else '.'}{rest}"
    amount = f"{number(int(euros))}{decimals}"
    return f"{sign}{amount}{NARROW}€" if _french() else f"{sign}€{amount}"


def typed_money(cents: int) -> str:
    """What one would type for an amount: 1250 → "12,50" in French, "12.50" in English, 1200 → "12"."""
    written = euros_of_cents(cents).removesuffix(".00")
    return written.replace(".", ",") if _french() else written


def sentences(refusal: Refusal) -> list[str]:
    """What a refusal says, translated and filled in: one sentence each."""
    return language.sentences(refusal, gettext, partial(money, whole=True))


def _french() -> bool:
    return (get_language() or "fr").startswith("fr")
