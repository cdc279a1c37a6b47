"""Where on earth a project is, as people write it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from abonde.matching.refusal import Refusal

WRITTEN: Final = re.compile(r"(-?\d{1,2}[.,]\d{1,15})\s*(?:[,;/]\s*|\s)(-?\d{1,3}[.,]\d{1,15})")
PLACES: Final = Decimal("0.00001")
"""A metre or so."""

Point = tuple[Decimal, Decimal]
"""Latitude and longitude, in degrees (WGS 84)."""


def point_of(written: str) -> Point | None:
    """The point of "44.7289, 5.0223", or of the address of a map that ends like this; none for nothing. Raises Refusal."""
    if not written.strip():
        return None
    found = WRITTEN.search(written)
    if found is not None:
        latitude, longitude = (Decimal(one.replace(",", ".")) for one in found.groups())
        if abs(latitude) <= 90 and abs(longitude) <= 180:  # noqa: PLR2004  degrees
            return latitude.quantize(PLACES), longitude.quantize(PLACES)
    raise Refusal(
        "Write latitude and longitude, as a map shows them: 44.72890, 5.02230; “{written}” is no such point.",
        written=written.strip()[:40],
    )
