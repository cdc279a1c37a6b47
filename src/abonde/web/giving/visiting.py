"""Who visits, in which round, and with which basket: the person's own, or one that this browser holds."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest

from abonde.giving.actions import basket_for, basket_of, join_baskets
from abonde.giving.models import Basket
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.rounds.queries import round_of

KEPT_UNDER: Final = "baskets"
"""The session's own words: ids of baskets by the slug of their round."""


class PersonRequest(HttpRequest):
    """The request of somebody who has logged in."""

    user: Person


def visitor(request: HttpRequest) -> Person | None:
    """Who has logged in, if anybody has."""
    return request.user if isinstance(request.user, Person) else None


def public_round(slug: str) -> Round:
    """A round that anyone may see, or 404."""
    try:
        return round_of(slug)
    except Round.DoesNotExist:
        raise Http404 from None


def present_basket(request: HttpRequest, found: Round) -> Basket | None:
    """The visitor's basket; what the browser held before the log-in is joined to it, once."""
    person, held = visitor(request), _held(request, found)
    if person is not None and held is not None:
        join_baskets(person=person, basket_id=held)
        kept = request.session[KEPT_UNDER]
        request.session[KEPT_UNDER] = {slug: one for slug, one in kept.items() if slug != found.slug}
    return basket_of(found, person=person, basket_id=held)


def basket_to_fill(request: HttpRequest, found: Round) -> Basket:
    """The visitor's basket, made where there is none; the browser remembers it until the log-in."""
    basket = present_basket(request, found)
    if basket is None:
        basket = basket_for(found, person=visitor(request), basket_id=None)
    if basket.person_id is None and _held(request, found) != basket.pk:
        kept = request.session.get(KEPT_UNDER, {})
        request.session[KEPT_UNDER] = {**kept, found.slug: str(basket.pk)}
    return basket


def _held(request: HttpRequest, found: Round) -> UUID | None:
    held = request.session.get(KEPT_UNDER, {}).get(found.slug)
    return UUID(held) if held else None
