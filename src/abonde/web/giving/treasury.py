"""The host's payments: what came in, what is contested, what went back."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Count, F, Model, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from abonde.core.models import Event
from abonde.giving.models import Contribution, ContributionState
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.payments.models import Payment
from abonde.payments.refunding import REFUNDABLE
from abonde.payments.returning import without_project
from abonde.payments.states import State
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.web.giving.forms import RefundForm, SearchForm
from abonde.web.giving.words import DEEDS, GIFTS_OF_HOST, METHODS, PAYMENTS, PROVIDERS
from abonde.web.listing import Cell, Column, Listing
from abonde.web.rounds.standing import liveliest
from abonde.web.wording import money
from abonde.web.workspaces import AgentRequest, Link, Waiting, agent_required, host_round

SHORTEST_REFERENCE: Final = 4
CAME_IN: Final = Q(state__in=[State.SETTLED, State.WON, State.REFUNDED])
UNDECIDED: Final = Q(state__in=[State.CREATED, State.PENDING, State.PAID])


@require_safe
@agent_required(Role.TREASURER)
def rounds(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """The rounds of the host in which somebody began to pay, the liveliest first."""
    found = (
        Round.objects.filter(host=request.organisation, pledges__payments__isnull=False)
        .annotate(
            number=Count("pledges__payments"),
            contested=Count("pledges__payments", filter=Q(pledges__payments__state=State.DISPUTED)),
        )
        .order_by("-created_at", "-id")
    )
    shown = sorted(found, key=liveliest)
    return render(
        request, "giving/payment_rounds.html", {"rounds": shown, "organisation": request.organisation}
    )


@require_safe
@agent_required(Role.TREASURER)
def payments(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """The payments of a round, the newest first; givers' names stay on the page of each payment."""
    found = host_round(request, round_slug)
    form = SearchForm(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = _searched(payments_of(found), wanted.get("q", ""))
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    listing = Listing(request, rows, _columns(org, found), usual="-begun", name=f"{round_slug}-payments")
    if listing.is_file:
        return listing.file()
    context = {
        "organisation": request.organisation,
        "round": found,
        "form": form,
        "listing": listing,
        "totals": _totals(found),
    }
    return render(request, "giving/payments.html", context)


@require_safe
@agent_required(Role.TREASURER)
def payment(request: AgentRequest, org: str, round_slug: str, payment_id: UUID) -> HttpResponse:  # noqa: ARG001
    """One payment with its giver, its gifts and its history."""
    found = host_round(request, round_slug)
    shown = get_object_or_404(payments_of(found), pk=payment_id)
    return render(request, "giving/host_payment.html", payment_context(request, found, shown))


def payment_context(
    request: AgentRequest, found: Round, shown: Payment, form: RefundForm | None = None
) -> dict[str, object]:
    """What the page of a payment shows; the form that sends gifts back, where there is something to send."""
    refundable = refundable_gifts(shown)
    label, tone = PAYMENTS[shown.state]
    return {
        "organisation": request.organisation,
        "round": found,
        "payment": shown,
        "method": METHODS.get(shown.method, shown.method),
        "provider": PROVIDERS.get(shown.provider, shown.provider),
        "reference": shown.pledge.reference,
        "giver": shown.pledge.person,
        "label": label,
        "tone": tone,
        "gifts": [
            (one, *GIFTS_OF_HOST[one.state])
            for one in shown.pledge.contributions.select_related("project").order_by("id")
        ],
        "refunds": shown.refunds.select_related("asked_by").order_by("asked_at"),
        "without_project": without_project(shown),
        "history": [(event, DEEDS.get(event.verb, event.verb)) for event in _events(shown)],
        "form": form or (RefundForm(refundable) if refundable else None),
    }


def payments_of(found: Round) -> QuerySet[Payment]:
    """Every payment of a round, with its pledge and giver."""
    return Payment.objects.filter(pledge__round=found).select_related("pledge__person")


def refundable_gifts(shown: Payment) -> list[Contribution]:
    """The gifts of a payment that can go back to their giver."""
    if shown.state not in REFUNDABLE:
        return []
    settled = shown.pledge.contributions.filter(state=ContributionState.SETTLED)
    return list(settled.select_related("project").order_by("id"))


def links(organisation: Organisation, role: Role) -> list[Link]:
    """The room of a host's workspace where payments are."""
    if organisation.kind != Kind.HOST or role not in {Role.MANAGER, Role.TREASURER}:
        return []
    return [Link(_("Payments"), reverse("payment-rounds", args=[organisation.slug]))]


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """What the dashboard of a host says to its treasurers: payments that banks contest, round by round."""
    if organisation.kind != Kind.HOST or role_of(person, organisation) not in {Role.MANAGER, Role.TREASURER}:
        return []
    contested = Round.objects.filter(host=organisation, pledges__payments__state=State.DISPUTED)
    return [
        Waiting(
            ngettext(
                "{number} contested payment in {round}", "{number} contested payments in {round}", number
            ).format(number=number, round=found.name),
            f"{reverse('round-payments', args=[organisation.slug, found.slug])}?state={State.DISPUTED}",
        )
        for found in contested.annotate(number=Count("pledges__payments")).order_by("id")
        if (number := found.number)
    ]


def _columns(org: str, found: Round) -> list[Column[Payment]]:
    def slip(one: Payment) -> Cell:
        return Cell(text=one.pledge.reference, url=reverse("round-payment", args=[org, found.slug, one.pk]))

    def state(one: Payment) -> Cell:
        label, tone = PAYMENTS[one.state]
        return Cell(text=label, tone=tone)

    return [
        Column(key="slip", label=_("Slip"), cell=slip),
        Column(
            key="begun",
            label=_("Begun"),
            cell=lambda one: Cell(at=one.created_at, to_the_minute=True),
            order="created_at",
            greatest_first=True,
        ),
        Column(key="state", label=_("State"), cell=state, plain=lambda one: one.state, order="state"),
        Column(
            key="amount",
            label=_("Amount"),
            cell=lambda one: Cell(text=money(one.amount)),
            plain=lambda one: one.amount,
            order="amount",
            greatest_first=True,
            is_number=True,
        ),
        Column(
            key="sent_back",
            label=_("Sent back"),
            cell=lambda one: Cell(text=money(one.refunded) if one.refunded else ""),
            plain=lambda one: one.refunded,
            order="refunded",
            greatest_first=True,
            is_number=True,
        ),
    ]


def _searched(rows: QuerySet[Payment], written: str) -> QuerySet[Payment]:
    """Those whose slip, payment or provider's name begins with what was written."""
    sought = "".join(written.split()).lower()
    if not sought:
        return rows
    if len(sought) < SHORTEST_REFERENCE:
        return rows.none()
    dashed = (
        sought
        if "-" in sought
        else "-".join(filter(None, (sought[:8], sought[8:12], sought[12:16], sought[16:20], sought[20:])))
    )
    return rows.annotate(slip=Cast("pledge_id", TextField()), own=Cast("id", TextField())).filter(
        Q(slip__startswith=dashed) | Q(own__startswith=dashed) | Q(reference__istartswith=written.strip())
    )


def _totals(found: Round) -> dict[str, int]:
    """Cents and numbers of all payments of the round."""
    zero = 0
    return Payment.objects.filter(pledge__round=found).aggregate(
        received=Coalesce(Sum(F("amount"), filter=CAME_IN), zero),
        refunded=Coalesce(Sum("refunded"), zero),
        received_number=Count("id", filter=CAME_IN),
        undecided=Coalesce(Sum("amount", filter=UNDECIDED), zero),
        undecided_number=Count("id", filter=UNDECIDED),
        contested=Coalesce(Sum("amount", filter=Q(state=State.DISPUTED)), zero),
        contested_number=Count("id", filter=Q(state=State.DISPUTED)),
    )


def _events(shown: Model) -> QuerySet[Event]:
    label = shown._meta.label_lower  # noqa: SLF001  (Django's documented door to a model's name)
    return Event.objects.filter(subject_type=label, subject_id=str(shown.pk)).order_by("id")
