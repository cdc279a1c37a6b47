"""Calling a round off: what will happen, said before, and how far it is, said after."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from abonde.funds.models import Instalment
from abonde.funds.queries import owed_instalments
from abonde.giving.queries import totals_of
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.payments.queries import money_here, on_its_way_back
from abonde.rounds.actions import call_off_round
from abonde.rounds.calling_off import LONGEST_REASON
from abonde.rounds.models import Round
from abonde.rounds.states import TRANSITIONS, State
from abonde.web.pieces import Underway
from abonde.web.proof import is_proved, proof_form
from abonde.web.wording import money, number
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


class ReasonForm(forms.Form):
    """Why the round is called off."""

    reason = forms.CharField(
        label=gettext_lazy("Why the round is called off"),
        help_text=gettext_lazy("Everybody reads it: on the page of the round, and in the e-mails."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Say why: people gave and worked for it.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.MANAGER)
def call_off(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Ask why, say what will happen, and do it."""
    found = host_round(request, round_slug)
    back = reverse("workspace-round", args=[org, round_slug])
    if State.CALLED_OFF not in TRANSITIONS[State(found.state)]:
        return redirect(back)
    form, proof = ReasonForm(request.POST or None), proof_form(request)
    if request.method == "POST" and form.is_valid() and is_proved(proof):
        try:
            call_off_round(person=request.user, round=found, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("The round is called off. All gifts are on their way back."))
            return redirect(back)
    context = {
        "title": _("Call {round} off?").format(round=found.name),
        "sentence": _("This ends the round for everybody and cannot be undone."),
        "consequences": _consequences(request, found),
        "form": form,
        "proof": proof,
        "action": _("Call the round off"),
        "cancel_url": back,
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


def standing(found: Round) -> dict[str, Any]:
    """How far the money of a round that was called off is on its way back; empty for other rounds.

    `underway` stands there until the payment service has carried the last refund out.
    """
    if found.state != State.CALLED_OFF:
        return {}
    payments, cents = money_here(found)
    done, waiting, on_the_way = on_its_way_back(found)
    owed = list(owed_instalments(found.host).filter(agreement__pot__fund__round=found))
    return {"owed": owed, "underway": _sent(done, left=payments + waiting, cents=Cents(cents + on_the_way))}


def _sent(done: int, *, left: int, cents: Cents) -> Underway | None:
    if not left:
        return None
    of = done + left
    label = ngettext(
        "{done} of {all} payment sent back; still to go: {amount}",
        "{done} of {all} payments sent back; still to go: {amount}",
        of,
    )
    said = label.format(done=number(done), all=number(of), amount=money(cents, whole=True))
    return Underway(said, done, of, every=10)


def _consequences(request: HttpRequest, found: Round) -> list[str]:  # noqa: ARG001
    payments, cents = money_here(found)
    givers = totals_of(found).givers
    owed = sum(one.amount for one in found_instalments(found))
    said = [_("From this moment nobody can give, apply or select.")]
    if payments:
        said.append(
            ngettext(
                "{payments} payment, {amount} in all, goes back to {givers} people, each with an e-mail and your reason.",
                "{payments} payments, {amount} in all, go back to {givers} people, each with an e-mail and your reason.",
                payments,
            ).format(payments=number(payments), amount=money(cents, whole=True), givers=number(givers))
        )
    said.append(_("Payments that are still under way go back as soon as they arrive."))
    if owed:
        said.append(
            _(
                "{amount} that funders have paid is to be sent back to them: your treasurer finds each instalment in the fund."
            ).format(amount=money(Cents(owed), whole=True))
        )
    return [
        *said,
        _("The certifier, the funders and those who run projects receive an e-mail with your reason."),
        _("The page of the round stays, and says that it was called off, when and why."),
    ]


def found_instalments(found: Round) -> list[Instalment]:
    """What has come in from funders for the round."""
    return list(
        Instalment.objects.filter(agreement__pot__fund__round=found, received_at__isnull=False, returned=None)
    )
