"""Limits, mechanisms and rulings in words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from abonde.matching import Limit, Mechanism, Rules
from abonde.settlement.models import Ruling
from abonde.web.wording import NARROW, number

PLAIN_PERCENT: Final = Fraction(1, 100)

MECHANISMS: Final[Mapping[Mechanism, Promise]] = {
    Mechanism.QUADRATIC: _(
        "For each pair of people who support the project, the formula multiplies the square roots of their two "
        "amounts, and adds up twice all these products. Many people count for more than much money."
    ),
    Mechanism.PAIRWISE: _(
        "For each pair of people who support the project, the formula multiplies the square roots of their two "
        "amounts, and counts the product for less the more these two agree on other projects too."
    ),
    Mechanism.CLUSTER: _(
        "The formula counts the support that comes from different groups of people: each two groups that meet on the "
        "project add to it."
    ),
    Mechanism.HEADS: _("Each person has one voice, shared equally among the projects they support."),
    Mechanism.PROPORTIONAL: _("The formula counts the money that people gave."),
}

RULINGS: Final[Mapping[str, tuple[Promise, str]]] = {
    Ruling.OPEN: (_("Waits for an answer"), "warning"),
    Ruling.UPHELD: (_("Found right"), "success"),
    Ruling.DISMISSED: (_("Not followed"), "neutral"),
}


def people(count: int) -> str:
    """The number of people: 1 person, 12 people."""
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": number(count)}


def limit_words(limit: str, rules: Rules) -> str:
    """What a limit says, with its number."""
    match Limit(limit):
        case Limit.MIN_SUPPORTERS:
            return gettext("fewer than %(people)s count") % {"people": people(rules.min_supporters or 0)}
        case Limit.MAX_SHARE:
            return gettext("at most %(share)s of the whole fund for one project") % {
                "share": part(rules.max_share or Fraction(1))
            }
        case Limit.MAX_RATIO:
            return gettext("at most %(ratio)s € from the fund for each euro that counts") % {
                "ratio": decimal(rules.max_ratio or Fraction(1))
            }
        case Limit.NEED:
            return gettext("no more than the project’s ideal budget")
        case Limit.IDEAL:
            return gettext("no more than the formula itself asks for")


def part(share: Fraction) -> str:
    """1/10 → "10 %"."""
    written = decimal(share / PLAIN_PERCENT)
    return f"{written}{NARROW}%" if _french() else f"{written}%"


def decimal(value: Fraction) -> str:
    """A number as people write it, with four digits at most where it is not whole."""
    written = str(value) if value.denominator == 1 else f"{float(value):.4g}"
    return written.replace(".", ",") if _french() else written


def _french() -> bool:
    return (get_language() or "fr").startswith("fr")
