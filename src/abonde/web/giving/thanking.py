"""Thanks, and the slip to keep."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from abonde.core.prepared import prepared
from abonde.giving.models import ContributionState, Pledge
from abonde.giving.queries import brought_by, gifts_in
from abonde.giving.voices import voice_counts_in
from abonde.payments.models import Payment
from abonde.payments.states import State
from abonde.rounds.states import State as RoundState
from abonde.web.giving.visiting import PersonRequest
from abonde.web.giving.words import GIFTS

ESTIMATED: Final = frozenset({RoundState.GIVING, RoundState.CLOSED})
KNOWN: Final = frozenset(
    {RoundState.PROVISIONAL, RoundState.FINAL, RoundState.PAYING_OUT, RoundState.ARCHIVED}
)
HAD_MONEY: Final = (State.SETTLED, State.WON, State.PAID, State.DISPUTED, State.REFUNDED, State.LOST)


@never_cache
@login_required
@require_safe
def thank_you(request: PersonRequest, pledge_id: UUID) -> HttpResponse:
    """Thanks, with the slip; before any money has come, where its payment stands."""
    pledge = _own.first(pledge_id, request.user.pk)
    if pledge is None:
        raise Http404
    payments = _payments(pledge.pk)
    paid = next((one for one in payments if one.state in HAD_MONEY), None)
    if paid is None:
        return redirect("payment", payments[0].pk) if payments else redirect("basket", pledge.round.slug)
    return render(request, "giving/thank_you.html", _slip(request, pledge, paid))


@prepared
def _own(pledge: UUID, person: UUID) -> QuerySet[Pledge]:
    rows = Pledge.objects.select_related("round__host", "round__register", "person")
    return rows.filter(pk=pledge, person=person)


@prepared
def _payments(pledge: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(pledge=pledge).order_by("-created_at")


def _slip(request: PersonRequest, pledge: Pledge, paid: Payment) -> dict[str, object]:
    found = pledge.round
    gifts = gifts_in(pledge)
    received = [one for one in gifts if one.state == ContributionState.SETTLED]
    effects = brought_by(pledge, received) if received and found.state in ESTIMATED else []
    brought = {effect.project.pk: max(effect.added or 0, 0) for effect in effects}
    has_voice = voice_counts_in(found, request.user)
    lines = [
        {
            "project": one.project,
            "amount": one.amount,
            "label": GIFTS[one.state][0],
            "tone": GIFTS[one.state][1],
            "received": one.state == ContributionState.SETTLED,
            "brought": brought.get(one.project_id, 0),
        }
        for one in gifts
    ]
    return {
        "pledge": pledge,
        "payment": paid,
        "reference": pledge.reference,
        "round": found,
        "lines": lines,
        "received": sum(one.amount for one in received),
        "brought": max(sum(effect.together or 0 for effect in effects), 0),
        "estimated": any(brought.values()),
        "has_voice": has_voice,
        "on_its_way": paid.state == State.PAID,
        "known": found.state in KNOWN,
        "share": f"{settings.PUBLIC_URL}{reverse('round', args=[found.slug])}",
    }
