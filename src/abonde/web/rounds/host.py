"""The rounds of a workspace: its list, a new one, the checklist of a draft, giving a draft up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.funds.queries import agreements_of, fund_total
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Role
from abonde.rounds.actions import cancel_round, create_round, edit_round_presentation
from abonde.rounds.models import Party, Round
from abonde.rounds.queries import invitations_of, rounds_of_host, signers_of
from abonde.rounds.rules_text import current_text
from abonde.rounds.setting_up import ENDED
from abonde.rounds.signing import is_to_sign, missing_signatures
from abonde.rounds.states import PUBLIC, TRANSITIONS, State
from abonde.web.pieces import how_far
from abonde.web.rounds.calling_off import standing
from abonde.web.rounds.entering import is_host, manages, round_of_trio
from abonde.web.rounds.forms import NewRoundForm, PresentationForm
from abonde.web.rounds.showing import STATES, by_kind, shown_steps, trail
from abonde.web.rounds.standing import WITH_GIFTS, WITH_RESULTS, liveliest
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_safe
@agent_required()
def rounds(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """The rounds of a host, or those in which another takes part or is invited to."""
    if is_host(request):
        found: list[tuple[Round, Party | None]] = [
            (one, None) for one in rounds_of_host(request.organisation)
        ]
    else:
        found = [(party.round, party) for party in invitations_of(request.organisation)]
    context = {
        "rounds": [
            {"round": one, "party": party, "state": STATES[State(one.state)]}
            for one, party in sorted(found, key=lambda row: liveliest(row[0]))
        ],
        "is_host": is_host(request),
        "may_create": is_host(request) and manages(request),
    }
    return render(request, "rounds/workspace_rounds.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def new(request: AgentRequest, org: str) -> HttpResponse:
    """Begin a round."""
    form = NewRoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_round(person=request.user, host=request.organisation, **form.cleaned_data)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            return redirect("round-identity", org, made.slug)
    return render(request, "rounds/new.html", {"form": form, "trail": trail(request)})


@require_http_methods(["GET", "POST"])
@agent_required()
def workspace_round(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """A round as its trio sees it: the host its checklist or its rooms, the others what they are asked to do."""
    round_, party = round_of_trio(request, round_slug)
    if party is not None:
        return render(request, "rounds/party.html", _part(request, round_, party))
    if round_.state == State.DRAFT:
        context = {**_common(request, round_), "steps": shown_steps(request, round_)}
        context["to_do"] = sum(bool(step.lacking) for step in context["steps"])
        return render(request, "rounds/checklist.html", context)
    called_off = standing(round_)
    if (bar := how_far(request, called_off.get("underway"))) is not None:
        return bar
    form = PresentationForm(
        request.POST or None,
        initial={"summary": round_.summary, "description": round_.description, "version": round_.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            edit_round_presentation(
                person=request.user,
                round_id=round_.pk,
                seen=form.cleaned_data["version"],
                summary=form.cleaned_data["summary"],
                description=form.cleaned_data["description"],
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace-round", org, round_slug)
    may_edit = manages(request) and round_.state not in ENDED
    context = {
        **_common(request, round_),
        "form": form if may_edit else None,
        "fund": fund_total(round_),
        "may_call_off": manages(request) and State.CALLED_OFF in TRANSITIONS[State(round_.state)],
        "called_off": called_off,
        "underway": called_off.get("underway"),
    }
    return render(request, "rounds/open_round.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def cancel(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Give a draft up."""
    round_ = host_round(request, round_slug)
    if request.method == "POST":
        try:
            cancel_round(person=request.user, round=round_)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The draft is given up."))
        return redirect("workspace-rounds", org)
    context = {
        "title": _("Give {round} up?").format(round=round_.name),
        "sentence": _("The draft will never open."),
        "consequences": [
            _("Its invitations and texts lead nowhere from then on."),
            _("What was written stays in your list of rounds, to be read."),
        ],
        "action": _("Give the draft up"),
        "cancel_url": reverse("workspace-round", args=[org, round_slug]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


def _common(request: AgentRequest, round: Round) -> dict[str, Any]:  # noqa: A002  (the word of the domain)
    return {
        "round": round,
        "state": STATES[State(round.state)],
        "trail": trail(request),
        "manages": manages(request),
        "is_public": round.state in PUBLIC,
        **by_kind(signers_of(round)[1:]),
    }


def _part(request: AgentRequest, round: Round, party: Party) -> dict[str, Any]:  # noqa: A002
    """What an invited organisation sees: the answer it owes, the text it is asked to sign, its money."""
    text = current_text(round) if party.accepted_at else None
    open_to_us = text is not None and is_to_sign(round, text)
    unsigned = open_to_us and text is not None and bool(missing_signatures(text, [request.organisation]))
    is_funder = request.organisation.kind == Kind.FUNDER
    agreements = list(agreements_of(round, funder=request.organisation)) if is_funder else []
    has_results = round.state in {*WITH_RESULTS, State.ARCHIVED}
    return {
        **_common(request, round),
        "party": party,
        "text": text,
        "unsigned": unsigned,
        "is_funder": is_funder,
        "has_gifts": round.state in WITH_GIFTS or has_results,
        "has_results": has_results,
        "has_statement": has_results and any(one.signed_at for one in agreements),
        "agreements": agreements,
        "may_leave": manages(request) and (party.accepted_at is None or round.state == State.DRAFT),
    }
