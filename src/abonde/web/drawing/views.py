"""The drawing alone, for a page that stays where it is; who comes by themselves is led to the page that explains."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from abonde.funds.queries import fund_total
from abonde.web.drawing.showing import idea_context
from abonde.web.pieces import is_piece
from abonde.web.rounds.showing import shown_round


@require_safe
def idea(request: HttpRequest) -> HttpResponse:
    """The example that belongs to no round."""
    return _drawn(request, reverse("how-it-works"), idea_context(request.GET))


@require_safe
def round_idea(request: HttpRequest, round_slug: str) -> HttpResponse:
    """The same two projects under the rules of a round, with its fund."""
    found, _read_at = shown_round(round_slug)
    context = idea_context(request.GET, found, fund_total(found))
    return _drawn(request, reverse("round", args=[round_slug]), context)


def _drawn(request: HttpRequest, page: str, context: dict[str, object]) -> HttpResponse:
    if not context:
        raise Http404
    if is_piece(request):
        response = render(request, "drawing/idea_drawn.html", context)
    else:
        response = redirect(f"{page}?{request.GET.urlencode()}#idea")
    patch_vary_headers(response, ["HX-Request"])
    return response
