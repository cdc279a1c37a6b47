"""Watching a round while people give: totals, and what came in day by day, drawn, as a table and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonde.funds.queries import fund_total
from abonde.giving.queries import days_of, givers_by_day, totals_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day of the drawing, in its own units."""

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
    people = _people(request, round_)
    context = {
        "round": round_,
        "state": STATES[State(round_.state)],
        "totals": totals_of(round_),
        "fund": fund_total(round_),
        "days": [(one, people.get(one.day)) for one in days],
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


def bars_of(heights: Mapping[date, int]) -> list[Bar]:
    """A bar for each day from the first to the last, days without gifts included as gaps."""
    if not heights:
        return []
    first, last = min(heights), max(heights)
    largest = max(heights.values())
    step = WIDTH / ((last - first).days + 1)
    width = max(1, min(MOST_WIDE, int(step * 0.8)))
    return [
        Bar(
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


def _charts(received: Mapping[date, Cents], people: Mapping[date, int]) -> list[tuple[str, str, list[Bar]]]:
    """The drawings: a key, a sentence that tells the scale, and the bars."""
    found = []
    if received:
        tallest = money(Cents(max(received.values())), whole=True)
        title = _("Given each day; the tallest bar is {largest}").format(largest=tallest)
        found.append(("received", title, bars_of(received)))
    if people:
        title = _("People who gave each day; the tallest bar is {largest}").format(
            largest=number(max(people.values()))
        )
        found.append(("people", title, bars_of(people)))
    return found
