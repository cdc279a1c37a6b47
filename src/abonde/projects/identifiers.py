"""Numbers by which a legal person and its bank account are known, checked by their own check digits."""

from __future__ import annotations

import re
from typing import Final

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret

from abonde.matching.refusal import Refusal

RNA: Final = re.compile(r"W\d[0-9A-Z]\d{7}")
"""A W, the département and the sub-prefecture, the number; overseas the sub-prefecture bears a letter."""


class WrongNumber(Refusal):
    """A number whose check digits or form are not right."""


def siren_of(written: str) -> str:
    """The nine digits of a SIREN, or nothing for nothing. Raises WrongNumber."""
    try:
        return str(siren.validate(_together(written))) if _together(written) else ""
    except ValidationError:
        raise WrongNumber(
            "{number} is not a SIREN: it has nine digits, of which the last one checks the others. Compare it with "
            "your statement from INSEE.",
            number=written,
        ) from None


def siret_of(written: str) -> str:
    """The fourteen digits of a SIRET, or nothing for nothing. Raises WrongNumber."""
    try:
        return str(siret.validate(_together(written))) if _together(written) else ""
    except ValidationError:
        raise WrongNumber(
            "{number} is not a SIRET: it has fourteen digits, the SIREN and five more. Compare it with your statement "
            "from INSEE.",
            number=written,
        ) from None


def rna_of(written: str) -> str:
    """The RNA number of an association, or nothing for nothing. Raises WrongNumber."""
    number = _together(written).upper()
    if number and not RNA.fullmatch(number):
        raise WrongNumber(
            "{number} is not an RNA number: it is a W and nine more signs, such as W313012345. It stands on the "
            "receipt of your declaration at the prefecture.",
            number=written,
        )
    return number


def iban_of(written: str) -> str:
    """The IBAN without spaces, or nothing for nothing. Raises WrongNumber."""
    if not (number := _together(written).upper()):
        return ""
    try:
        return str(IBAN(number))
    except SchwiftyException:
        raise WrongNumber(
            "{number} is not an IBAN: one of its signs is missing or wrong. Copy it from the bank’s own statement "
            "(RIB).",
            number=written,
        ) from None


def _together(written: str) -> str:
    return re.sub(r"[\s.\-\u00a0\u202f]", "", written)
