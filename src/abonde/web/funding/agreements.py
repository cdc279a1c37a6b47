"""Agreements: proposed, read, signed, taken back; and their instalments, as they come in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonde.funds.actions import (
    cancel_agreement,
    propose_agreement,
    receive_instalment,
    return_instalment,
    sign_agreement,
)
from abonde.funds.models import Agreement, AgreementState, Instalment
from abonde.funds.queries import GROWING, agreements_of
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.rounds.models import Party, Round
from abonde.web.funding.forms import AgreementForm
from abonde.web.funding.fund import earmark_of, entered
from abonde.web.proof import is_proved, proof_form
from abonde.web.rounds.showing import trail
from abonde.web.wording import money
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def propose(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Write down what a funder brings; the funder then signs it."""
    round_, party = entered(request, round_slug)
    funder = None if party is None else request.organisation
    form = AgreementForm(request.POST or None, round=round_, funder=funder)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = propose_agreement(
                person=request.user,
                pot=given["pot"],
                funder=funder or given["funder"],
                amount=given["amount"],
                instalments=form.parts(),
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            return redirect("agreement", org, round_slug, made.pk)
    context = {
        "round": round_,
        "form": form,
        "is_funder": party is not None,
        "trail": _trail(request, round_),
    }
    return render(request, "funding/new_agreement.html", context)


@require_http_methods(["GET", "POST"])
@agent_required()
def agreement(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """Read an agreement; a manager of the funder signs it."""
    round_, party = entered(request, round_slug)
    row = _agreement(request, round_, party, pk)
    may_sign = (
        party is not None
        and request.role == Role.MANAGER
        and row.state == AgreementState.PROPOSED
        and round_.state in GROWING
    )
    proof = proof_form(request) if may_sign else None
    if request.method == "POST" and may_sign and is_proved(proof):
        try:
            sign_agreement(person=request.user, agreement_id=row.pk, seen=_version(request))
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(
                request, _("Signed: {amount} count from now on.").format(amount=money(row.amount))
            )
        return redirect("agreement", org, round_slug, pk)
    context: dict[str, Any] = {
        "round": round_,
        "agreement": row,
        "earmark": earmark_of(row.pot),
        "is_host": party is None,
        "may_sign": may_sign,
        "may_receive": party is None
        and row.state == AgreementState.SIGNED
        and request.role in {Role.MANAGER, Role.TREASURER},
        "may_take_back": row.state == AgreementState.PROPOSED
        and (request.role == Role.MANAGER or (party is None and request.role == Role.TREASURER)),
        "proof": proof,
        "trail": _trail(request, round_),
    }
    return render(request, "funding/agreement.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def take_back(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """Take a proposal back."""
    round_, party = entered(request, round_slug)
    row = _agreement(request, round_, party, pk)
    if request.method == "POST":
        try:
            cancel_agreement(person=request.user, agreement_id=row.pk)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The proposal is taken back."))
        return redirect("fund", org, round_slug)
    context = {
        "title": _("Take the proposal back?"),
        "sentence": _("{funder} no longer proposes {amount} for {pot}.").format(
            funder=row.funder.name, amount=money(row.amount), pot=row.pot.name
        ),
        "action": _("Take it back"),
        "cancel_url": reverse("agreement", args=[org, round_slug, pk]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def received(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """The money of an instalment has arrived on the bank account."""
    round_ = host_round(request, round_slug)
    row = get_object_or_404(
        Instalment.objects.select_related("agreement__funder", "agreement__pot"),
        pk=pk,
        agreement__pot__fund__round=round_,
    )
    back = reverse("agreement", args=[org, round_slug, row.agreement_id])
    if request.method == "POST":
        try:
            receive_instalment(person=request.user, instalment_id=row.pk)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(
                request, _("Written in the accounts: {amount}.").format(amount=money(row.amount))
            )
        return redirect(back)
    context = {
        "title": _("Has {amount} arrived?").format(amount=money(row.amount)),
        "sentence": _("From {funder}, for {pot}, due on {day}.").format(
            funder=row.agreement.funder.name, pot=row.agreement.pot.name, day=date_format(row.due_on)
        ),
        "consequences": [
            _("The money is written in the accounts: on the bank account, and in the pot."),
            _("Nothing in the accounts can be erased; a mistake is undone by a further entry."),
        ],
        "action": _("Yes, it is on our account"),
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def sent_back(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """The money of an instalment has gone back to its funder, the round being called off."""
    round_ = host_round(request, round_slug)
    row = get_object_or_404(
        Instalment.objects.select_related("agreement__funder", "agreement__pot"),
        pk=pk,
        agreement__pot__fund__round=round_,
    )
    back = reverse("workspace-round", args=[org, round_slug])
    if request.method == "POST":
        try:
            return_instalment(person=request.user, instalment_id=row.pk)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(
                request, _("Written in the accounts: {amount}.").format(amount=money(row.amount))
            )
        return redirect(back)
    context = {
        "title": _("Have you sent {amount} back?").format(amount=money(row.amount)),
        "sentence": _("To {funder}, by a transfer from the account of the fund.").format(
            funder=row.agreement.funder.name
        ),
        "consequences": [
            _("The accounts mirror what had come in: the pot and the bank account go down by this amount."),
            _("Nothing in the accounts can be erased; a mistake is undone by a further entry."),
        ],
        "action": _("Yes, it has left our account"),
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context)


def _agreement(request: AgentRequest, round: Round, party: Party | None, pk: int) -> Agreement:  # noqa: A002
    funder = None if party is None else request.organisation
    row = agreements_of(round, funder=funder).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _version(request: AgentRequest) -> int | None:
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() else None


def _trail(request: AgentRequest, round: Round) -> list[tuple[str, str]]:  # noqa: A002  (the word of the domain)
    url = reverse("fund", args=[request.organisation.slug, round.slug])
    return [*trail(request, round), (_("Fund"), url)]
