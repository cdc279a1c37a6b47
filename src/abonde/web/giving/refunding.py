"""Sending gifts back, once confirmed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.payments.actions import refund_payment
from abonde.payments.models import Payment
from abonde.web.giving.forms import RefundConfirmed, RefundForm
from abonde.web.giving.treasury import payment_context, payments_of, refundable_gifts
from abonde.web.wording import money
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@agent_required(Role.TREASURER)
def refund(request: AgentRequest, org: str, round_slug: str, payment_id: UUID) -> HttpResponse:
    """Say what will happen, then send back what was ticked: exactly that, whatever has changed meanwhile."""
    found = host_round(request, round_slug)
    shown = get_object_or_404(payments_of(found), pk=payment_id)
    address = reverse("round-payment", args=[org, round_slug, payment_id])
    if request.method != "POST":
        return redirect(address)
    gifts = refundable_gifts(shown)
    if not gifts:
        messages.error(
            request,
            _("These gifts have already been sent back, or cannot be: look at the page as it is now."),
        )
        return redirect(address)
    form = RefundForm(gifts, request.POST)
    if not form.is_valid():
        return render(request, "giving/host_payment.html", payment_context(request, found, shown, form))
    chosen = [one for one in gifts if one.pk in form.cleaned_data["lines"]]
    if "confirmed" not in request.POST:
        cents = sum(one.amount for one in chosen)
        context = _question(shown, cents, everything=len(chosen) == len(gifts))
        confirmed = RefundConfirmed(
            gifts,
            initial={
                "lines": [one.pk for one in chosen],
                "reason": form.cleaned_data["reason"],
                "confirmed": True,
            },
        )
        return render(
            request, "components/confirm.html", {**context, "form": confirmed, "cancel_url": address}
        )
    try:
        done = refund_payment(
            person=request.user,
            payment_id=payment_id,
            reason=form.cleaned_data["reason"],
            contributions=[one.pk for one in chosen],
        )
    except Refusal as refusal:
        told(request, refusal)
    else:
        messages.success(
            request,
            _("{amount} go back to the giver, who receives an e-mail.").format(amount=money(done.amount)),
        )
    return redirect(address)


def _question(shown: Payment, cents: int, *, everything: bool) -> dict[str, object]:
    giver = shown.pledge.person
    return {
        "title": _("Send {amount} back?").format(amount=money(cents)),
        "sentence": _("To {giver}, by the means by which the payment came.").format(giver=giver),
        "consequences": [
            _("All gifts of this payment no longer count, and the fund adds nothing to them.")
            if everything
            else _(
                "The gifts that you ticked no longer count, and the fund adds nothing to them. The others stay."
            ),
            _("The accounts of the round show the money going out, with your name in its history."),
            _("The giver receives an e-mail with your reason."),
            _("This cannot be undone: the giver would have to give again."),
        ],
        "action": _("Send {amount} back").format(amount=money(cents)),
        "dangerous": True,
    }
