"""Money as integer euro cents, and the one way in and out of written euros."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NewType

from abonde.matching.refusal import Refusal

Cents = NewType("Cents", int)

LARGEST_GIFT: Final = Cents(10**12 - 1)
"""No single gift, and no limit written in rules, reaches ten billion euros: more is a mistake, and is refused."""

LARGEST_POT: Final = Cents(10**15 - 1)
"""The same for the money of a pot, which adds up many funders."""

MOST_DIGITS: Final = 30
"""A written amount with more digits is refused before it is turned into a number."""

_EUROS = re.compile(r"(\d+)(?:[.,](\d{1,2}))?")
_SPACES = re.compile(r"[\s\u00a0\u202f_]")


def cents_of_euros(written: str | int | Decimal, *, what: str = "amount") -> Cents:
    """The cents of an amount written in euros: `12`, `"12.5"`, `"1 200,50 €"`.

    Raises Refusal for anything else: negative, three decimals, a binary float.
    """
    if isinstance(written, bool) or not isinstance(written, str | int | Decimal):
        raise Refusal(
            "{what}: write an amount in euros, such as 12 or 12.50, not {written!r}.",
            what=what,
            written=written,
        )
    if isinstance(written, Decimal) and written.is_finite() and abs(written.adjusted()) < MOST_DIGITS:
        text = f"{written:f}"
    else:
        text = str(written)
    found = _EUROS.fullmatch(_SPACES.sub("", text).removesuffix("€").removesuffix("EUR"))
    if found is None:
        raise Refusal(
            "{what}: {written} is not an amount in euros; write it without sign and with at most two decimals, such as 12 or 12.50.",
            what=what,
            written=text,
        )
    euros, decimals = found.groups()
    # Python refuses to read a number of thousands of digits, so the length is looked at first.
    cents = int(euros[:MOST_DIGITS]) * 100 + int((decimals or "0").ljust(2, "0"))
    if cents > LARGEST_POT or len(euros) > MOST_DIGITS:
        raise Refusal(
            "{what}: {written} € is more than any round has ever held; check the amount.",
            what=what,
            written=text,
        )
    return Cents(cents)


class Euros(int):
    """Cents that a refusal speaks of: "12.50 €", unless whoever tells it writes money in another way."""

    def __str__(self) -> str:
        return f"{euros_of_cents(self)} €"

    def __format__(self, how: str) -> str:
        return format(str(self), how)


def euros_of_cents(cents: int) -> str:
    """Plain machine-readable euros with two decimals: 1250 → "12.50"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
