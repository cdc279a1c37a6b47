"""One mechanism's outcome as a drawing: for each project what people gave, and behind it what the fund adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from abonde.web.drawing.svg import element
from abonde.web.simulator.outcome import Line, Outcome
from abonde.web.wording import money

ROW: Final = 54
BAR: Final = 14
WIDEST: Final = 99
"""Parts of a hundred of the width that the longest bar of all mechanisms takes."""

SHOWN_LETTERS: Final = 24


def longest_of(found: Sequence[Outcome]) -> int:
    """What the longest bar of all stands for, in cents: all drawings have one scale."""
    return max((line.received + line.added for outcome in found for line in outcome.lines), default=0) or 1


def outcome_svg(outcome: Outcome, longest: int) -> SafeString:
    """The picture as an SVG element as wide as its place; the table of the page has the same numbers."""
    rows = [shape for place, line in enumerate(outcome.lines) for shape in _row(line, place * ROW, longest)]
    return element(
        "svg",
        "outcome__picture",
        *rows,
        width="100%",
        height=ROW * len(outcome.lines),
        role="img",
        aria_label=_(
            "What people gave to each project, and what the fund adds: the same figures as in the table"
        ),
    )


def _row(line: Line, top: float, longest: int) -> list[SafeString]:
    given, added = (f"{WIDEST * cents / longest:.2f}%" for cents in (line.received, line.added))
    name = line.project if len(line.project) <= SHOWN_LETTERS else f"{line.project[: SHOWN_LETTERS - 1]}…"
    return [
        element("text", "outcome__name", name, x=0, y=top + 17),
        element("text", "outcome__added", f"+\u202f{money(line.added, whole=True)}", x="100%", y=top + 17),
        element("rect", "bar__received", x=0, y=top + 25, width=given, height=BAR, rx=2),
        element(
            "rect",
            "bar__added",
            x=given,
            y=top + 25,
            width=added,
            height=BAR,
            rx=2,
            transform="translate(1.5 0)",
        ),
    ]
