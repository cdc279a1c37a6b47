"""Watching a round while people give: totals, and what came in day by day, drawn, as a table and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonde.funds.queries import fund_total
from abonde.giving.queries import DayOfGiving, days_of, givers_by_day, totals_of
from abonde.matching import Cents
from abonde.organisations.models import Kind
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.web.rounds.entering import round_of_trio
from abonde.web.rounds.showing import STATES, trail
from abonde.web.settlement.downloads import file_of
from abonde.web.wording import money, number
from abonde.web.workspaces import AgentRequest, agent_required

WIDTH: Final = 1000
HEIGHT: Final = 240
MOST_WIDE: Final = 48
WEEK: Final = 7
"""Days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day of the drawing, in its own units; `said` is what a mouse that rests on it is told."""

    said: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing: what its bars are, and a sentence that tells their scale."""

    key: str
    title: str
    scale: str
    bars: list[Bar]


@require_safe
@agent_required()
def watch(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The numbers of a round, for its trio; nothing here says who gave."""
    round_, _party = round_of_trio(request, round_slug)
    days = days_of(round_)
    people = _people(request, round_)
    context = {
        "round": round_,
        "state": STATES[State(round_.state)],
        "totals": totals_of(round_),
        "fund": fund_total(round_),
        "days": [(one, people.get(one.day)) for one in reversed(days)],
        "week": _weeks(days),
        "first": days[0].day if days else None,
        "last": days[-1].day if days else None,
        "charts": _charts({one.day: one.received for one in days}, people),
        "with_people": bool(people),
        "width": WIDTH,
        "height": HEIGHT,
        "trail": trail(request, round_),
    }
    return render(request, "rounds/watch.html", context)


@require_safe
@agent_required()
def watch_csv(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The days as a file: cents as whole numbers; people stand in the host's alone."""
    round_, _party = round_of_trio(request, round_slug)
    people = _people(request, round_)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["day", "gifts", "received_cents", *(["people"] if people else [])])
    rows.writerows(
        [one.day.isoformat(), one.gifts, one.received, *([people.get(one.day, 0)] if people else [])]
        for one in days_of(round_)
    )
    return file_of(written.getvalue(), f"{round_.slug}-days.csv", "text/csv")


def bars_of(heights: Mapping[date, int], said: Callable[[int], str]) -> list[Bar]:
    """A bar for each day from the first to the last, days without gifts included as gaps; `said` words a height."""
    if not heights:
        return []
    first, last = min(heights), max(heights)
    largest = max(heights.values())
    step = WIDTH / ((last - first).days + 1)
    width = max(1, min(MOST_WIDE, int(step * 0.8)))
    return [
        Bar(
            said=f"{date_format(day)} – {said(value)}",
            x=int((day - first).days * step + (step - width) / 2),
            y=HEIGHT - (height := max(2, value * (HEIGHT - 10) // largest)),
            width=width,
            height=height,
        )
        for day, value in heights.items()
    ]


def _people(request: AgentRequest, round: Round) -> dict[date, int]:  # noqa: A002  (the word of the domain)
    """How many people gave on each day: for hosts, since gifts are tied to people for nobody else."""
    return givers_by_day(round) if request.organisation.kind == Kind.HOST else {}


def _weeks(days: Sequence[DayOfGiving]) -> tuple[Cents, Cents]:
    """What came in during the last seven days, and during the seven before, in cents."""
    today = localdate()
    ago = [((today - one.day).days, one.received) for one in days]
    last, before = (sum(cents for past, cents in ago if past // WEEK == week) for week in (0, 1))
    return Cents(last), Cents(before)


def _charts(received: Mapping[date, Cents], people: Mapping[date, int]) -> list[Chart]:
    if not received:
        return []
    largest = _("The tallest bar is {largest}.")
    each, tallest = _euros(max(received.values())), number(max(people.values(), default=0))
    sums = _so_far(received)
    found = [
        Chart(
            key="received",
            title=_("Given each day"),
            scale=largest.format(largest=each),
            bars=bars_of(received, _euros),
        ),
        Chart(
            key="sum",
            title=_("Given so far"),
            scale=_("From the first day to the last: {sum}.").format(sum=_euros(max(sums.values()))),
            bars=bars_of(sums, _euros),
        ),
    ]
    if people:
        bars = bars_of(people, number)
        title = _("People who gave each day")
        found.append(Chart(key="people", title=title, scale=largest.format(largest=tallest), bars=bars))
    return found


def _so_far(received: Mapping[date, Cents]) -> dict[date, int]:
    """The sum of what had come in by the end of each day, those without gifts included."""
    first = min(received)
    every = [first + timedelta(days=after) for after in range((max(received) - first).days + 1)]
    return dict(zip(every, accumulate(received.get(day, 0) for day in every), strict=True))


def _euros(cents: int) -> str:
    return money(Cents(cents), whole=True)
