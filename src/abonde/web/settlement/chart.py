"""The result as a drawing: lengths are parts of the width, so that it reads well from a phone's width on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from abonde.settlement.models import ResultLine

MOST_ROWS: Final = 30
ROW: Final = 78
"""Pixels from one project to the next."""

WIDEST: Final = 98
"""Parts of a hundred that the longest bar takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One project: where its words and its two lengths stand (parts of a hundred of the width; pixels down)."""

    line: ResultLine
    words: int
    top: int
    amounts: int
    received: str
    added: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The first projects by what is added; `hidden` are left to the table below."""

    bars: list[Bar]
    height: int
    hidden: int


def chart_of(lines: Sequence[ResultLine]) -> Chart | None:
    """The drawing of a result; None where there is nothing to draw."""
    shown = [line for line in lines if line.received or line.matching][:MOST_ROWS]
    if not shown:
        return None
    longest = max(line.received + line.matching for line in shown)
    bars = [
        Bar(
            line=line,
            words=ROW * place + 20,
            top=ROW * place + 29,
            amounts=ROW * place + 60,
            received=_part(line.received, longest),
            added=_part(line.matching, longest),
        )
        for place, line in enumerate(shown)
    ]
    return Chart(bars=bars, height=ROW * len(bars), hidden=len(lines) - len(bars))


def _part(cents: int, longest: int) -> str:
    return f"{float(Fraction(WIDEST * cents, longest)):.3f}%"
