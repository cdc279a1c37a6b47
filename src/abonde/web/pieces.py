"""Pieces of pages: what htmx asks for, where others get a whole page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails


@dataclass(frozen=True, slots=True)
class Underway:
    """How far work is that goes on: `value` of `maximum` parts, or only that it does where nobody can count.

    The page asks again after so many seconds.
    """

    label: str
    value: int | None = None
    maximum: int | None = None
    every: int = 3


def is_piece(request: HttpRequest) -> bool:
    """Whether a page that stays where it is asks for a piece: neither a boosted link nor a page out of the history."""
    asked: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(asked and not asked.boosted and not asked.history_restore_request)


def how_far(request: HttpRequest, underway: Underway | None) -> HttpResponse | None:
    """The answer to a bar that asks for itself: the bar, or, once nothing goes on, to open the page anew.

    None where somebody asks for the page. Called before anything redirects, since a bar follows where a page should go.
    """
    asked: HtmxDetails | None = getattr(request, "htmx", None)
    if asked is None or asked.target != "underway" or not is_piece(request):
        return None
    if underway is None:
        return HttpResponseClientRefresh()
    bar = render(request, "components/underway.html", {"underway": underway})
    add_never_cache_headers(bar)  # one address has the bar and the page
    return bar
