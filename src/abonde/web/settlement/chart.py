"""The result as it is looked at: bars whose lengths are parts of the width, so that they read well from a phone's width on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.matching import PotAllocation, Rules
from abonde.settlement.models import ResultLine
from abonde.web.settlement.sentences import why

DRAWN: Final = 30
"""The projects that are drawn; a longer result goes on in its table, or the page would weigh too much for a phone."""

ORDERS: Final[Mapping[str, tuple[Promise, Callable[[ResultLine], int]]]] = {
    "ajout": (_("Added by the fund"), lambda line: line.matching),
    "total": (_("In all"), lambda line: line.received + line.matching),
    "dons": (_("Given"), lambda line: line.received),
    "voix": (_("People who count"), lambda line: line.persons),
}
"""What projects are put in order by, as the address says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A project in its place: its line, why it gets that much, and its two lengths (parts of a hundred of the width)."""

    line: ResultLine
    why: str
    given: str
    added: str

    @property
    def total(self) -> int:
        """What the project receives in all, in cents."""
        return int(self.line.received + self.line.matching)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPot:
    """A pot: what went to projects and what goes back (cents), and the lengths of its whole and of what went."""

    name: str
    amount: int
    projects: int
    spent: int
    unspent: int
    whole: str
    went: str


def in_order(lines: Sequence[ResultLine], order: str) -> list[ResultLine]:
    """The lines by what the visitor asked for; those that are equal stay as they are."""
    _words, measure = ORDERS[order]
    return sorted(lines, key=measure, reverse=True)


def ranked(lines: Sequence[ResultLine], rules: Rules) -> list[Ranked]:
    """The lines with their reasons and lengths, as they come."""
    longest = max((line.received + line.matching for line in lines), default=0)
    return [
        Ranked(
            line=line,
            why=why(line, rules),
            given=_part(line.received, longest),
            added=_part(line.matching, longest),
        )
        for line in lines
    ]


def drawn_pots(pots: Sequence[PotAllocation], names: Mapping[str, str]) -> list[DrawnPot]:
    """The pots to one scale, in serving order; `names` are theirs by key."""
    largest = max((part.pot.amount for part in pots), default=0)
    return [
        DrawnPot(
            name=names.get(part.pot.key, part.pot.key),
            amount=part.pot.amount,
            projects=len(part.projects),
            spent=part.pot.amount - part.unspent,
            unspent=part.unspent,
            whole=_part(part.pot.amount, largest),
            went=_part(part.pot.amount - part.unspent, largest),
        )
        for part in pots
    ]


def _part(cents: int, longest: int) -> str:
    return f"{float(Fraction(100 * cents, longest or 1)):.2f}%"
