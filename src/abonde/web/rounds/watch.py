"""Watching a round while people give: totals, and what came in day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abonde.funds.queries import fund_total
from abonde.giving.queries import DayOfGiving, days_of, totals_of
from abonde.matching import Cents
from abonde.rounds.states import State
from abonde.web.rounds.entering import round_of_trio
from abonde.web.rounds.showing import STATES, trail
from abonde.web.workspaces import AgentRequest, agent_required

WIDTH: Final = 1000
HEIGHT: Final = 240
MOST_WIDE: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day of the drawing, in its own units."""

    day: date
    received: Cents
    x: int
    y: int
    width: int
    height: int


@require_safe
@agent_required()
def watch(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The numbers of a round, for its trio; nothing here says who gave."""
    round_, _party = round_of_trio(request, round_slug)
    days = days_of(round_)
    context = {
        "round": round_,
        "state": STATES[State(round_.state)],
        "totals": totals_of(round_),
        "fund": fund_total(round_),
        "days": days,
        "bars": bars_of(days),
        "largest": max((one.received for one in days), default=Cents(0)),
        "width": WIDTH,
        "height": HEIGHT,
        "trail": trail(request, round_),
    }
    return render(request, "rounds/watch.html", context)


def bars_of(days: Sequence[DayOfGiving]) -> list[Bar]:
    """A bar for each day from the first to the last, days without gifts included as gaps."""
    if not days:
        return []
    first, last = days[0].day, days[-1].day
    slots = (last - first).days + 1
    largest = max(one.received for one in days)
    step = WIDTH / slots
    width = max(1, min(MOST_WIDE, int(step * 0.8)))
    return [
        Bar(
            day=one.day,
            received=one.received,
            x=int((one.day - first).days * step + (step - width) / 2),
            y=HEIGHT - (height := max(2, one.received * (HEIGHT - 10) // largest)),
            width=width,
            height=height,
        )
        for one in days
    ]
