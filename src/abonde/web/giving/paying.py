"""Paying: from the basket to the provider's page and back, and where a payment stands."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from abonde.core.clock import present_time
from abonde.core.editing import ChangedMeanwhile
from abonde.core.prepared import prepared
from abonde.giving.actions import checkout
from abonde.giving.models import Pledge
from abonde.matching.refusal import Refusal
from abonde.payments.actions import ask_about, start_payment
from abonde.payments.models import Payment
from abonde.payments.states import State
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.rounds.queries import is_open_for_gifts
from abonde.web.giving.forms import CheckOutForm
from abonde.web.giving.visiting import PersonRequest, present_basket, public_round, visitor
from abonde.web.giving.words import SENT_BACK
from abonde.web.pieces import is_piece
from abonde.web.workspaces import told

CAME_IN: Final = frozenset({State.SETTLED, State.WON})
ALREADY_PAID: Final = CAME_IN | {State.PAID, State.DISPUTED}
UNDER_WAY: Final = frozenset({State.CREATED, State.PENDING, State.PAID})
FAILED: Final = frozenset({State.FAILED, State.EXPIRED, State.CANCELLED})
SOON: Final = 5
LATER: Final = 60
PATIENCE: Final = timedelta(minutes=5)
"""How long a page looks again every few seconds; a bank that takes longer may take days."""


@never_cache
@require_POST
def check_out(request: HttpRequest, round_slug: str) -> HttpResponse:
    """Pledge what is in the basket and go to the provider's page. Whatever stands in the way, the basket is kept."""
    found = public_round(round_slug)
    address, person = reverse("basket", args=[round_slug]), visitor(request)
    if person is None:
        return redirect_to_login(address)
    pledge = None
    try:
        pledge = _pledged(request, person, found)
        return redirect(start_payment(pledge=pledge).address)
    except Refusal as refusal:
        if pledge is not None and _is_among(pledge, ALREADY_PAID):
            messages.info(request, _("These gifts are already paid. Thank you!"))
            return redirect("thank-you", pledge.pk)
        told(request, refusal)
        return redirect(address)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def payment(request: PersonRequest, payment_id: UUID) -> HttpResponse:
    """Where a payment stands; sent as a form, it goes on with it, or tries again. A page that waits asks what changed."""
    shown = _own(request.user, payment_id)
    if is_piece(request) and request.method == "GET":
        unchanged = request.GET.get("etat") == _waits_for(shown)
        return HttpResponse(status=HTTPStatus.NO_CONTENT) if unchanged else HttpResponseClientRefresh()
    if _is_among(shown.pledge, CAME_IN):
        return redirect("thank-you", shown.pledge_id)
    if request.method == "POST":
        try:
            return redirect(start_payment(pledge=shown.pledge).address)
        except Refusal as refusal:
            told(request, refusal)
        return redirect("payment", payment_id)
    return render(request, "giving/payment.html", _standing(request, shown))


@never_cache
@login_required
@require_safe
def back(request: PersonRequest, payment_id: UUID) -> HttpResponse:
    """The way back from the provider's page: ask it where the payment stands, and show that."""
    shown = _own(request.user, payment_id)
    try:
        if ask_about(shown).state in CAME_IN:
            return redirect("thank-you", shown.pledge_id)
    except Refusal as refusal:
        told(request, refusal)
        messages.info(
            request, _("We go on asking, and write to you once we know. You need not pay again meanwhile.")
        )
    return redirect("payment", shown.pk)


def _pledged(request: HttpRequest, person: Person, found: Round) -> Pledge:
    """The pledge of the basket that the page showed. Raises Refusal."""
    form, basket = CheckOutForm(request.POST), present_basket(request, found)
    if basket is None:
        raise Refusal("Your basket is empty: choose a project first.")
    if not form.is_valid() or form.cleaned_data["basket"] != basket.pk:
        raise ChangedMeanwhile(
            "Your basket has changed since this page was opened, perhaps in another tab. Look at it once more, then pay."
        )
    return checkout(person=person, basket=basket, seen=form.cleaned_data["version"])


def _own(person: Person, payment_id: UUID) -> Payment:
    """The person's payment; to others it does not exist (404)."""
    found = _payment.first(payment_id, person.pk)
    if found is None:
        raise Http404
    return found


@prepared
def _payment(payment: UUID, person: UUID) -> QuerySet[Payment]:
    rows = Payment.objects.select_related("pledge__round__host", "pledge__person")
    return rows.filter(pk=payment, pledge__person=person)


def _is_among(pledge: Pledge, states: frozenset[State]) -> bool:
    return Payment.objects.filter(pledge=pledge, state__in=states).exists()


def _looks_again_after(shown: Payment) -> int:
    """Seconds after which a page that waits for this payment looks again; 0 where there is nothing to wait for."""
    waits = shown.state in {State.PENDING, State.PAID} or (
        shown.state == State.CREATED and shown.reference is not None
    )
    return (SOON if present_time() - shown.created_at < PATIENCE else LATER) if waits else 0


def _waits_for(shown: Payment) -> str:
    """What a page shows of a payment that is under way: once it reads otherwise, the page is to be drawn again."""
    return f"{shown.state}-{_looks_again_after(shown)}"


def _way(state: State) -> list[dict[str, object]]:
    """The way of money that is coming, as steps; nothing once it came or will not come."""
    if state not in UNDER_WAY:
        return []
    passed = {State.CREATED: 0, State.PENDING: 1, State.PAID: 2}[state]
    labels = (_("You pay"), _("The bank confirms"), _("Your gifts count"))
    return [
        {
            "label": label,
            "state": "done" if place < passed else "current" if place == passed else "todo",
        }
        for place, label in enumerate(labels)
    ]


def _standing(request: HttpRequest, shown: Payment) -> dict[str, object]:
    """What the page says, and whether it looks again by itself: the visitor may stop that."""
    state, now, found = State(shown.state), present_time(), shown.pledge.round
    calm = "calme" in request.GET
    return {
        "payment": shown,
        "pledge": shown.pledge,
        "round": found,
        "way": _way(state),
        "failed": state in FAILED,
        "under_way": state in UNDER_WAY,
        "sent_back": SENT_BACK.get(shown.reason),
        "may_go_on": state == State.CREATED or (state in FAILED and is_open_for_gifts(found, now)),
        "reload_after": 0 if calm else _looks_again_after(shown),
        "waits_for": _waits_for(shown),
        "lines": shown.pledge.contributions.select_related("project"),
    }
