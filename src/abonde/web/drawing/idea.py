"""The drawing of the idea: two crowds, each carrying what they gave and, on top of it, what the fund adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from abonde.web.drawing.people import crowd, threads
from abonde.web.drawing.svg import element
from abonde.web.drawing.weighing import Side, Weighing
from abonde.web.settlement.words import people as in_people
from abonde.web.wording import money

WIDTH: Final = 300
HEIGHT: Final = 328
HALF: Final = WIDTH / 2
"""The picture is made for a phone, where a unit is about a pixel."""

GROUND: Final = 188
"""Where the columns stand, over the heads of the people."""

HIGHEST: Final = 132
THINNEST: Final = 2.5
GAP: Final = 1.5
COLUMN: Final = 46
COLUMN_AT: Final = 10
WORDS_AT: Final = 65
CROWD_AT: Final = 246
LINE: Final = 16
APART: Final = 37
"""From the baseline of one amount to that of the next, with the word below each."""


@dataclass(frozen=True, slots=True)
class Block:
    """A sum as a part of a column: from `top` downwards, and the baseline of its amount."""

    top: float
    height: float
    baseline: float


def idea_svg(weighing: Weighing, *, alternative: str) -> SafeString:
    """The picture as an SVG element; `alternative` says in a sentence what it shows. Colours come from the page."""
    highest = max(weighing.many.total, weighing.one.total)
    return element(
        "svg",
        "idea__picture",
        *_side(weighing.many, 0, highest),
        *_side(weighing.one, HALF, highest),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
        aria_label=alternative,
    )


def blocks(side: Side, highest: int) -> tuple[Block, Block]:
    """Where the given and the added sum stand; `highest` (cents) fills the picture."""
    given = _height(side.given, highest)
    added = _height(side.added, highest)
    low = min(GROUND - given / 2, GROUND - LINE - 6)
    high = GROUND - given - (added / 2 if added else LINE + 6)
    return Block(GROUND - given, given, low), Block(GROUND - given - added, added, min(high, low - APART))


def _height(cents: int, highest: int) -> float:
    return max(THINNEST, HIGHEST * cents / highest) if cents else 0.0


def _side(side: Side, left: float, highest: int) -> list[SafeString]:
    given, added = blocks(side, highest)
    middle = left + HALF / 2
    words = left + WORDS_AT
    return [
        *_column(left + COLUMN_AT, given, added),
        element("path", "idea__ground", d=f"M{left + 3} {GROUND}h{HALF - 6}"),
        *_amount(words, given.baseline, in_euros(side.given), _("were given"), "idea__amount"),
        *_amount(
            words, added.baseline, _plus(side.added), _("are added"), "idea__amount idea__amount--added"
        ),
        *_people(side.people, middle),
        *_who(side, middle),
    ]


def _plus(cents: int) -> str:
    return f"+ {in_euros(cents)}"


def in_euros(cents: int) -> str:
    """The nearest whole euro: the formula's roots leave a cent's dust, and the table below has it."""
    return money((cents + 50) // 100 * 100, whole=True)


def _column(x: float, given: Block, added: Block) -> list[SafeString]:
    upper = (
        element("rect", "idea__added", x=x, y=added.top - GAP, width=COLUMN, height=added.height, rx=2)
        if added.height
        else element("path", "idea__nothing", d=f"M{x} {given.top - 5:.1f}h{COLUMN}")
    )
    return [element("rect", "idea__given", x=x, y=given.top, width=COLUMN, height=given.height, rx=2), upper]


def _amount(x: float, y: float, amount: str, word: str, kind: str) -> list[SafeString]:
    return [element("text", kind, amount, x=x, y=y), element("text", "idea__word", word, x=x, y=y + LINE)]


def _people(people: int, middle: float) -> list[SafeString]:
    shapes = [element("path", "idea__person", d=one.outline) for one in crowd(people, x=middle, y=CROWD_AT)]
    if people == 1:
        return shapes
    return [element("path", "idea__threads", d=threads(people, x=middle, y=CROWD_AT)), *shapes]


def _who(side: Side, middle: float) -> list[SafeString]:
    each = money(side.gift, whole=True)
    gift = _("{amount} each").format(amount=each) if side.people > 1 else each
    return [
        element("text", "idea__who", in_people(side.people), x=middle, y=HEIGHT - 26),
        element("text", "idea__word idea__word--middle", gift, x=middle, y=HEIGHT - 7),
    ]
