"""The pages of rounds that everyone sees: home, all rounds, and one round with its projects."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from abonde.giving.queries import estimate_of
from abonde.matching import Cents
from abonde.projects.guards import takes_applications
from abonde.projects.queries import projects_on_cards
from abonde.register.models import Strategy
from abonde.rounds.actions import advance_rounds
from abonde.rounds.models import Round
from abonde.rounds.queries import is_open_for_gifts, public_rounds, signers_of
from abonde.rounds.states import State
from abonde.rounds.wording import STRATEGIES, matching_sections
from abonde.territories import territory
from abonde.web.pieces import is_piece
from abonde.web.projects.cards import Card
from abonde.web.rounds.browsing import BrowseForm, Entry, browsed, entries_of
from abonde.web.rounds.drawing_lots import draw_of, keep_draw
from abonde.web.rounds.mapping import map_of, street_map
from abonde.web.rounds.showing import STATES, by_kind, shown_round

PER_PAGE: Final = 24
LIVE: Final = (State.GIVING, State.APPLICATIONS, State.SELECTION, State.CLOSED, State.PROVISIONAL)
"""The states of rounds under way, which are shown first and in this order."""
ESTIMATED: Final = frozenset({State.GIVING, State.CLOSED})
WITH_RESULTS: Final = frozenset({State.PROVISIONAL, State.FINAL, State.PAYING_OUT, State.ARCHIVED})


@require_safe
@gzip_page
def home(request: HttpRequest) -> HttpResponse:
    """What Abonde is, and the rounds that are under way."""
    found = _rounds()
    live = [one for one in found if one["round"].state in LIVE]
    context = {
        "live": live,
        "others": len(found) - len(live),
        "giving": next((one for one in live if one["round"].state == State.GIVING), None),
    }
    return render(request, "rounds/home.html", context)


@require_safe
@gzip_page
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round: those under way first, then the last ones."""
    return render(request, "rounds/rounds.html", {"rounds": _rounds()})


@require_safe
@gzip_page
def round_page(request: HttpRequest, round_slug: str) -> HttpResponse:
    """A round: what it is about, its fund, its projects, when things happen, who answers for it, its rules in words.

    A page that is read already asks for the projects it looks for alone, as a piece.
    """
    return whole_page(request, *shown_round(round_slug))


def whole_page(request: HttpRequest, round_: Round, read_at: datetime, *, preview: str = "") -> HttpResponse:
    """The page of a round as read at that instant (UTC); a `preview` says that nobody else sees it yet, and leads back there."""
    estimate = estimate_of(round_)
    estimated = round_.state in ESTIMATED
    entries = entries_of(round_, estimate.allocation.matching if estimated else {})
    challenges = list(round_.challenges.all())
    form = BrowseForm(request.GET or None, challenges=challenges, entries=entries)
    draw = draw_of(request)
    found = browsed(form, entries, on=read_at.date(), draw=draw)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    drawn = map_of(found) if request.GET.get("vue") == "carte" else None
    context: dict[str, Any] = {
        "round": round_,
        "form": form,
        "page": page,
        "cards": [] if drawn else _cards(round_, page),
        "map": drawn,
        "tiles": street_map() if drawn else None,
        "can_be_mapped": any(one.point for one in found),
        "number_of_projects": len(entries),
        "takes_applications": takes_applications(round_, read_at),
        "preview": preview,
    }
    if is_piece(request):
        response = render(request, "rounds/found.html", context)
    else:
        context |= {
            "streets": bool(settings.MAP_TILES),
            "address": settings.PUBLIC_URL + reverse("round", args=[round_.slug]),
            "state": STATES[State(round_.state)],
            "challenges": challenges,
            "territory": territory(round_.territory) if round_.territory else None,
            "fund": Cents(sum(part.pot.amount for part in estimate.allocation.pots)),
            "unspent": estimate.allocation.unspent if estimated else 0,
            "received": Cents(sum(entry.received for entry in entries)),
            "supports": sum(entry.givers for entry in entries),
            "open_for_gifts": is_open_for_gifts(round_, read_at),
            "with_results": round_.state in WITH_RESULTS,
            "until": _until(round_),
            "rules": matching_sections(round_),
            "who_has_a_voice": round_.register and STRATEGIES[Strategy(round_.register.strategy)],
            **by_kind(signers_of(round_)[1:]),
        }
        response = render(request, "rounds/round.html", context)
    keep_draw(request, response, draw)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _cards(round: Round, page: Page[Entry]) -> list[Card]:  # noqa: A002  (the word of the domain)
    projects = {one.pk: one for one in projects_on_cards([entry.pk for entry in page])}
    return [
        Card.of(round, project, received=entry.received, added=entry.added, givers=entry.givers)
        for entry in page
        if (project := projects.get(entry.pk))
    ]


def _rounds() -> list[dict[str, Any]]:
    advance_rounds()
    found = [
        {"round": round_, "state": STATES[State(round_.state)], "until": _until(round_)}
        for round_ in public_rounds()
    ]
    places = {state: place for place, state in enumerate(LIVE)}
    return sorted(found, key=lambda one: places.get(State(one["round"].state), len(LIVE)))


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
