"""How amounts, shares and the words of the mechanism are written for people."""

from __future__ import annotations

from fractions import Fraction
from gettext import gettext as _
from gettext import ngettext
from typing import Final

from abonde.language import mark, spoken
from abonde.matching import Limit, Mechanism, Rules, euros_of_cents

NARROW: Final = "\u202f"
"""The narrow no-break space of French numbers."""

MECHANISMS: Final = {
    Mechanism.QUADRATIC: mark("quadratic"),
    Mechanism.PAIRWISE: mark("pairwise"),
    Mechanism.CLUSTER: mark("cluster"),
    Mechanism.HEADS: mark("heads"),
    Mechanism.PROPORTIONAL: mark("proportional"),
}


def number(value: int) -> str:
    """1234567 → "1 234 567" in French, "1,234,567" in English."""
    return f"{value:,}".replace(",", _thousands())


def money(cents: int) -> str:
    """123450 → "1 234,50 €" in French, "€1,234.50" in English."""
    euros, _point, rest = euros_of_cents(abs(cents)).partition(".")
    sign = "−" if cents < 0 else ""
    if spoken() == "fr":
        return f"{sign}{number(int(euros))},{rest}{NARROW}€"
    return f"{sign}€{number(int(euros))}.{rest}"


def short_money(cents: int) -> str:
    """Money without its cents where there are none: "1 234 €"."""
    return money(cents).replace(",00" if spoken() == "fr" else ".00", "")


def rounded_money(amount: Fraction) -> str:
    """An exact amount, rounded to the cent to be read."""
    return money(round(amount))


def signed_money(cents: int) -> str:
    """A change: "+12,50 €" or "−12,50 €"."""
    return money(cents) if cents < 0 else f"+{money(cents)}"


def decimal(written: str) -> str:
    """A number that Python wrote, with the minus and the decimal sign of the language in use."""
    return written.replace("-", "−").replace(".", "," if spoken() == "fr" else ".")


def percent(part: int, whole: int) -> str:
    """A share with one decimal: "12,5 %"; a dash where there is nothing to share."""
    if not whole:
        return "—"
    thousandths = round(Fraction(part * 1000, whole))
    written = f"{number(thousandths // 10)}{'.' if spoken() == 'en' else ','}{thousandths % 10}"
    return f"{written}{NARROW}%" if spoken() == "fr" else f"{written}%"


def ratio(value: Fraction) -> str:
    """A share or a factor as people write it: "10 %" below 1, "2" from there on, the fraction where it is none."""
    shown = value * 100 if value < 1 else value
    written = str(shown) if shown.denominator == 1 else f"{float(shown):.4g}"
    written = written.replace(".", ",") if spoken() == "fr" else written
    return (
        f"{written}{NARROW}%" if value < 1 and spoken() == "fr" else f"{written}%" if value < 1 else written
    )


def mechanism_name(mechanism: Mechanism) -> str:
    """The mechanism's name in the language in use."""
    return _(MECHANISMS[mechanism])


def people(count: int) -> str:
    """A number of people: "1 person", "12 people"."""
    return ngettext("{count} person", "{count} people", count).format(count=number(count))


def limit_words(limit: Limit, rules: Rules) -> str:
    """What a limit says, with its number."""
    match limit:
        case Limit.MIN_SUPPORTERS:
            return _("fewer than {people} count").format(people=people(rules.min_supporters or 0))
        case Limit.MAX_SHARE:
            return _("at most {share} of the fund").format(share=ratio(rules.max_share or Fraction(1)))
        case Limit.MAX_RATIO:
            return _("at most {ratio} € for each counted euro").format(
                ratio=ratio(rules.max_ratio or Fraction(1))
            )
        case Limit.NEED:
            return _("the need of the project is met")
        case Limit.IDEAL:
            return _("the ideal amount is reached")


def _thousands() -> str:
    return NARROW if spoken() == "fr" else ","
