"""Inviting the certifier and the funders, and their answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Role
from abonde.rounds.actions import accept_party, invite_party, invite_party_by_mail, leave_round
from abonde.rounds.models import Party
from abonde.rounds.queries import parties_of
from abonde.rounds.states import JOINED_IN, State
from abonde.web.rounds.entering import round_of_trio
from abonde.web.rounds.forms import InviteByMailForm, InviteForm
from abonde.web.rounds.showing import on_the_way, trail
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def trio(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Who takes part, and the invitations of the host."""
    round_ = host_round(request, round_slug)
    by_mail = "by_mail" in request.POST
    sent = request.POST if request.method == "POST" else None
    here = InviteForm(None if by_mail else sent, round=round_)
    elsewhere = InviteByMailForm(sent if by_mail else None, prefix="new")
    form = elsewhere if by_mail else here
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if by_mail:
                invite_party_by_mail(
                    person=request.user,
                    round=round_,
                    kind=Kind(given["kind"]),
                    name=given["name"],
                    email=given["email"],
                )
            else:
                invite_party(person=request.user, round=round_, organisation=given["organisation"])
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("The invitation is sent."))
            return redirect("round-trio", org, round_slug)
    is_draft = round_.state == State.DRAFT
    context = {
        "round": round_,
        "parties": parties_of(round_),
        "form": here,
        "by_mail": elsewhere,
        "may_invite": round_.state in JOINED_IN,
        "is_draft": is_draft,
        **(on_the_way(request, round_, "trio") if is_draft else {}),
        "trail": trail(request, round_),
    }
    return render(request, "rounds/step_trio.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def take_back(request: AgentRequest, org: str, round_slug: str, party: int) -> HttpResponse:
    """Take an invitation back."""
    round_ = host_round(request, round_slug)
    row = get_object_or_404(Party.objects.select_related("organisation"), pk=party, round=round_)
    named = {"organisation": row.organisation.name}
    if request.method == "POST":
        try:
            leave_round(person=request.user, party_id=row.pk)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The invitation of {organisation} is taken back.").format(**named))
        return redirect("round-trio", org, round_slug)
    context = {
        "title": _("Take the invitation of {organisation} back?").format(**named),
        "sentence": _("It no longer takes part in {round}.").format(round=round_.name),
        "consequences": [
            _("If the rules are written already, the trio signs a new text."),
            _("You can invite it again as long as the round is a draft."),
        ],
        "action": _("Take it back"),
        "cancel_url": reverse("round-trio", args=[org, round_slug]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@agent_required(Role.MANAGER)
def answer(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Accept the part."""
    round_, party = round_of_trio(request, round_slug)
    if party is None:
        raise Http404
    try:
        accept_party(person=request.user, party_id=party.pk)
    except Refusal as refusal:
        told(request, refusal)
    else:
        messages.success(request, _("You take part in {round}.").format(round=round_.name))
    return redirect("workspace-round", org, round_slug)


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.MANAGER)
def leave(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Decline the invitation, or leave the draft."""
    round_, party = round_of_trio(request, round_slug)
    if party is None:
        raise Http404
    back = reverse("workspace-round", args=[org, round_slug])
    if request.method == "POST":
        try:
            leave_round(person=request.user, party_id=party.pk)
        except Refusal as refusal:
            told(request, refusal)
            return redirect(back)
        messages.success(request, _("You do not take part in {round}.").format(round=round_.name))
        return redirect("workspace-rounds", org)
    was_in, names = party.accepted_at is not None, {"round": round_.name, "host": round_.host.name}
    consequences = [_("The round goes from your workspace; {host} sees that you do not take part.")]
    if was_in:
        consequences.append(_("If the rules are written already, the trio signs a new text."))
    consequences.append(_("To take part after all, ask {host} for another invitation."))
    context = {
        "title": (_("Leave {round}?") if was_in else _("Decline to take part in {round}?")).format(**names),
        "sentence": request.organisation.name,
        "consequences": [one.format(**names) for one in consequences],
        "action": _("Leave the round") if was_in else _("Decline"),
        "cancel_url": back,
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)
