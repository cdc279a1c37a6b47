"""The drawing of what more people would bring a project today, each with a usual gift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from abonde.matching import EXAMPLE_GIFTS, Allocation, Cents, Mechanism
from abonde.matching.marginal import with_more
from abonde.web.drawing.svg import element
from abonde.web.wording import money

CROWDS: Final = (1, 5, 20)
USUAL: Final = Cents(1000)
"""The gift of the example where nobody has given yet."""

ROW: Final = 60
BAR: Final = 16
WIDEST: Final = 99
"""Parts of a hundred of the width that the longest bar takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """So many more people: what they give, and what the fund adds because of them (cents; less, if negative)."""

    people: int
    given: Cents
    added: Cents

    @property
    def total(self) -> int:
        return self.given + max(self.added, 0)


def usual_gift(allocation: Allocation, project: str) -> Cents:
    """The example gift nearest to what people give the project on average, among those that count under the rules."""
    tally, count = allocation.tally[project], allocation.rules.counting.count
    mean = tally.counted / tally.persons if tally.persons else USUAL
    counting = [gift for gift in EXAMPLE_GIFTS if count(gift)] or list(EXAMPLE_GIFTS)
    return min(counting, key=lambda gift: abs(gift - mean))


def prospects(allocation: Allocation, project: str, gift: Cents) -> list[Prospect]:
    """What 1, 5 and 20 more people would bring; one more allocation each.

    Empty under mechanisms in which what a person brings depends on what else they support.
    """
    if allocation.rules.mechanism in {Mechanism.PAIRWISE, Mechanism.CLUSTER}:
        return []
    now = allocation.matching[project]
    return [
        Prospect(
            people=people,
            given=Cents(people * gift),
            added=Cents(with_more(allocation, project, gift, people).matching[project] - now),
        )
        for people in CROWDS
    ]


def more_svg(found: Sequence[Prospect], *, alternative: str) -> SafeString:
    """The picture as an SVG element as wide as its place; colours come from the page."""
    longest = max(one.total for one in found)
    rows = [shape for place, one in enumerate(found) for shape in _row(one, place * ROW, longest)]
    return element(
        "svg",
        "more__picture",
        *rows,
        width="100%",
        height=ROW * len(found),
        role="img",
        aria_label=alternative,
    )


def told(one: Prospect) -> str:
    """A prospect in words; a sentence needs no plus."""
    added = money(one.added, whole=True) if one.added > 0 else signed(one.added)
    return ngettext(
        "{people} more person gives {given}: the fund adds {added}.",
        "{people} more people give {given}: the fund adds {added}.",
        one.people,
    ).format(people=one.people, given=money(one.given, whole=True), added=added)


def signed(cents: int) -> str:
    """+ 12,50 €, − 3 € or 0 €."""
    if not cents:
        return money(0, whole=True)
    return f"{'+' if cents > 0 else '−'}\u202f{money(abs(cents), whole=True)}"


def _row(one: Prospect, top: float, longest: int) -> list[SafeString]:
    given, added = (f"{WIDEST * cents / longest:.2f}%" for cents in (one.given, max(one.added, 0)))
    who = ngettext("{people} more person", "{people} more people", one.people).format(people=one.people)
    return [
        element("text", "more__who", who, x=0, y=top + 18),
        element("text", "more__added", signed(one.added), x="100%", y=top + 18),
        element("rect", "bar__received", x=0, y=top + 27, width=given, height=BAR, rx=3),
        element(
            "rect",
            "bar__added",
            x=given,
            y=top + 27,
            width=added,
            height=BAR,
            rx=3,
            transform="translate(2 0)",
        ),
    ]
