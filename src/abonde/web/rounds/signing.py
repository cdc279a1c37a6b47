"""The text of the rules: written by the host, read and signed by the trio, and the opening that it allows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.rounds.actions import open_round, sign_text, write_rules_text
from abonde.rounds.models import Round, SignedText, Subject
from abonde.rounds.queries import texts_of
from abonde.rounds.rules_text import current_text, readable
from abonde.rounds.signing import is_to_sign
from abonde.rounds.states import State
from abonde.web.proof import is_proved, proof_form
from abonde.web.rounds.entering import manages, round_of_trio
from abonde.web.rounds.showing import on_the_way, signers, trail
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_http_methods(["GET", "POST"])
@agent_required()
def signatures(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Every text of the rules with its signatures; the host writes the next one here."""
    round_, party = round_of_trio(request, round_slug)
    is_host = party is None
    if request.method == "POST":
        round_ = host_round(request, round_slug)
        try:
            write_rules_text(person=request.user, round=round_)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The text is written, and the trio is asked to sign it."))
        return redirect("round-signatures", org, round_slug)
    text = current_text(round_)
    is_draft = round_.state == State.DRAFT
    way = on_the_way(request, round_, "signatures") if is_host and is_draft else {}
    steps = way.get("steps", [])
    context = {
        "round": round_,
        "is_host": is_host,
        "is_draft": is_draft,
        "manages": manages(request),
        "text": text,
        "preview": None if text else readable(round_),
        "signers": signers(round_, text),
        "former": [(one, signers(round_, one)) for one in texts_of(round_, Subject.RULES) if one != text],
        **way,
        "lacking": [step for step in steps if step.lacking and step.key != "signatures"],
        "all_signed": bool(steps) and not any(step.lacking for step in steps),
        "trail": trail(request, round_),
    }
    return render(request, "rounds/signatures.html", context)


@require_http_methods(["GET", "POST"])
@agent_required()
def sign(request: AgentRequest, org: str, round_slug: str, sha256: str) -> HttpResponse:
    """Read the exact text and its hash, prove once more who one is, and sign for the organisation."""
    round_, _party = round_of_trio(request, round_slug)
    text = get_object_or_404(SignedText, round=round_, subject=Subject.RULES, sha256=sha256)
    proof = proof_form(request) if manages(request) else None
    if request.method == "POST" and manages(request) and is_proved(proof):
        try:
            sign_text(person=request.user, organisation=request.organisation, text=text)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(
                request, _("Signed for {organisation}.").format(organisation=request.organisation)
            )
        return redirect("sign-rules", org, round_slug, sha256)
    return render(request, "rounds/sign.html", {**_text(request, round_, text), "proof": proof})


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def open_it(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Open the round."""
    round_ = host_round(request, round_slug)
    proof = proof_form(request)
    if request.method == "POST" and is_proved(proof):
        try:
            open_round(person=request.user, round=round_)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("{round} is open.").format(round=round_.name))
        return redirect("workspace-round", org, round_slug)
    context: dict[str, Any] = {
        "title": _("Open {round}?").format(round=round_.name),
        "sentence": _("From then on everyone sees the round, and the clock moves it from step to step."),
        "consequences": [
            _("Its rules, calendar, challenges and territory can no longer change."),
            _("Funders can still add to the fund until giving ends."),
        ],
        "action": _("Open the round"),
        "cancel_url": reverse("workspace-round", args=[org, round_slug]),
        "form": proof,
    }
    return render(request, "components/confirm.html", context)


def _text(request: AgentRequest, round: Round, text: SignedText) -> dict[str, Any]:  # noqa: A002  (the word of the domain)
    made = signers(round, text)
    mine = next((one for one in made if one.organisation.pk == request.organisation.pk), None)
    current = current_text(round)
    return {
        "round": round,
        "text": text,
        "signers": made,
        "has_signed": mine is not None and mine.signature is not None,
        "is_current": current == text,
        "current": current,
        "may_sign": manages(request)
        and mine is not None
        and mine.signature is None
        and is_to_sign(round, text),
        "manages": manages(request),
        "trail": trail(request, round),
    }
