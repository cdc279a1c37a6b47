"""The pages of rounds that everyone sees: home, all rounds, and one round with its projects."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abonde.giving.queries import estimate_of
from abonde.matching import Cents
from abonde.projects.guards import takes_applications
from abonde.projects.queries import public_projects
from abonde.rounds.actions import advance_rounds
from abonde.rounds.models import Round
from abonde.rounds.queries import is_open_for_gifts, public_rounds, signers_of
from abonde.rounds.states import State
from abonde.territories import territory
from abonde.web.rounds.browsing import BrowseForm, browsed, entries_of
from abonde.web.rounds.showing import STATES, by_kind, shown_round

PER_PAGE: Final = 24
LIVE: Final = (State.GIVING, State.APPLICATIONS, State.SELECTION, State.CLOSED, State.PROVISIONAL)
"""The states of rounds that the home page shows first, in this order."""
ESTIMATED: Final = frozenset({State.GIVING, State.CLOSED})
WITH_RESULTS: Final = frozenset({State.PROVISIONAL, State.FINAL, State.PAYING_OUT, State.ARCHIVED})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Abonde is, and the rounds that are under way."""
    found = _rounds()
    live = sorted(
        (one for one in found if one["round"].state in LIVE),
        key=lambda one: LIVE.index(State(one["round"].state)),
    )
    return render(request, "rounds/home.html", {"live": live, "others": len(found) - len(live)})


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round, the last ones first."""
    return render(request, "rounds/rounds.html", {"rounds": _rounds()})


@require_safe
def round_page(request: HttpRequest, round_slug: str) -> HttpResponse:
    """A round: what it is about, who answers for it, when things happen, its fund and its projects."""
    round_, read_at = shown_round(round_slug)
    entries = entries_of(round_)
    estimate = estimate_of(round_)
    challenges = list(round_.challenges.all())
    form = BrowseForm(request.GET or None, challenges=challenges, entries=entries)
    chosen = browsed(form, entries, on=read_at.date())
    page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    projects = {one.pk: one for one in public_projects(round_).filter(pk__in=[entry.pk for entry in page])}
    context: dict[str, Any] = {
        "round": round_,
        "state": STATES[State(round_.state)],
        "challenges": challenges,
        "territory": territory(round_.territory) if round_.territory else None,
        "form": form,
        "page": page,
        "cards": [
            {
                "project": projects[entry.pk],
                "entry": entry,
                "added": estimate.added(entry.slug) if round_.state in ESTIMATED else Cents(0),
            }
            for entry in page
        ],
        "number_of_projects": len(entries),
        "fund": Cents(sum(part.pot.amount for part in estimate.allocation.pots)),
        "received": Cents(sum(entry.received for entry in entries)),
        "supports": sum(entry.givers for entry in entries),
        "open_for_gifts": is_open_for_gifts(round_, read_at),
        "takes_applications": takes_applications(round_, read_at),
        "with_results": round_.state in WITH_RESULTS,
        **by_kind(signers_of(round_)[1:]),
    }
    return render(request, "rounds/round.html", context)


def _rounds() -> list[dict[str, Any]]:
    advance_rounds()
    return [
        {"round": round_, "state": STATES[State(round_.state)], "until": _until(round_)}
        for round_ in public_rounds()
    ]


def _until(round: Round) -> dict[str, Any]:  # noqa: A002  (the word of the domain)
    """The date that matters now."""
    match State(round.state):
        case State.APPLICATIONS:
            return {"applications_close": round.applications_close_at}
        case State.SELECTION:
            return {"giving_opens": round.giving_opens_at}
        case State.GIVING:
            return {"giving_closes": round.giving_closes_at}
        case _:
            return {}
