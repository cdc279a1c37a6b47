"""Who acts for an organisation: members, roles, invitations."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from abonde.core.clock import transaction_time
from abonde.matching.refusal import Refusal
from abonde.organisations.actions import (
    change_role,
    end_membership,
    invite,
    resend_invitation,
    revoke_invitation,
)
from abonde.organisations.models import Membership, Role
from abonde.organisations.queries import agents_of, pending_invitations
from abonde.web.accounts.forms import InvitationForm, RoleForm
from abonde.web.workspaces import AgentRequest, agent_required, done, told


@require_http_methods(["GET", "POST"])
@agent_required()
def team(request: AgentRequest, org: str) -> HttpResponse:
    """Everybody who acts for the organisation; its managers invite others here."""
    organisation = request.organisation
    form = InvitationForm(organisation, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invite(
                person=request.user,
                organisation=organisation,
                email=form.cleaned_data["email"],
                role=Role(form.cleaned_data["role"]),
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request,
                _("The invitation is on its way to {email}.").format(email=form.cleaned_data["email"]),
            )
            return redirect("workspace-team", org=org)
    context = {
        "agents": agents_of(organisation),
        "invitations": pending_invitations(organisation),
        "now": transaction_time(),
        "form": form,
        "is_manager": request.role == Role.MANAGER,
    }
    return render(request, "accounts/team.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def agent(request: AgentRequest, org: str, membership: int) -> HttpResponse:
    """Give an agent another role."""
    found = _membership(request, membership)
    own, former = found.person_id == request.user.pk, found.role
    form = RoleForm(
        request.organisation,
        request.POST or None,
        initial={"role": request.GET.get("role", found.role)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_role(person=request.user, membership=found, role=Role(form.cleaned_data["role"]))
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            said = _("{agent} has another role now: {role}.").format(
                agent=found.person, role=changed.get_role_display()
            )
            if own:  # who gave the management away cannot take it back
                messages.success(request, said)
            else:
                done(request, said, undo=f"{request.path}?{urlencode({'role': former})}")
            return redirect("workspace-team", org=org)
    return render(request, "accounts/agent.html", {"membership": found, "form": form, "own": own})


@require_http_methods(["GET", "POST"])
@agent_required()
def agent_leaves(request: AgentRequest, org: str, membership: int) -> HttpResponse:
    """End a membership: one's own, or as a manager somebody else's."""
    found = _membership(request, membership)
    own = found.person_id == request.user.pk
    if request.method == "POST":
        try:
            end_membership(person=request.user, membership=found)
        except Refusal as refusal:
            told(request, refusal)
            return redirect("workspace-team", org=org)
        messages.success(
            request,
            _("{agent} no longer acts for {organisation}.").format(
                agent=found.person, organisation=request.organisation
            ),
        )
        return redirect("workspaces") if own else redirect("workspace-team", org=org)
    names = {"agent": found.person, "organisation": request.organisation}
    if own:
        title = _("Leave {organisation}?").format(**names)
        sentence = _("You will no longer act for {organisation}.").format(**names)
    else:
        title = _("Take {agent} out of {organisation}?").format(**names)
        sentence = _("{agent} will no longer act for {organisation}.").format(**names)
    context = {
        "title": title,
        "sentence": sentence,
        "consequences": [
            _("What was signed and decided stays valid."),
            _("To come back, another invitation is needed."),
        ],
        "action": _("Leave") if own else _("Take out"),
        "cancel_url": reverse("workspace-team", args=[org]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@agent_required(Role.MANAGER)
def invitation_again(request: AgentRequest, org: str, invitation: int) -> HttpResponse:
    """Send an invitation once more."""
    found = get_object_or_404(pending_invitations(request.organisation), pk=invitation)
    try:
        resend_invitation(person=request.user, invitation=found)
    except Refusal as refusal:
        told(request, refusal)
    else:
        messages.success(request, _("The invitation is on its way to {email}.").format(email=found.email))
    return redirect("workspace-team", org=org)


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.MANAGER)
def invitation_withdrawn(request: AgentRequest, org: str, invitation: int) -> HttpResponse:
    """Withdraw an invitation, once confirmed."""
    found = get_object_or_404(pending_invitations(request.organisation), pk=invitation)
    if request.method == "POST":
        try:
            revoke_invitation(person=request.user, invitation=found)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The invitation to {email} is withdrawn.").format(email=found.email))
        return redirect("workspace-team", org=org)
    context = {
        "title": _("Withdraw the invitation to {email}?").format(email=found.email),
        "sentence": _("The link in the e-mail leads nowhere from then on."),
        "consequences": [
            _("Nobody is told of it."),
            _("You can invite the same address again; it then receives another e-mail."),
        ],
        "action": _("Withdraw the invitation"),
        "cancel_url": reverse("workspace-team", args=[org]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


def _membership(request: AgentRequest, pk: int) -> Membership:
    return get_object_or_404(agents_of(request.organisation), pk=pk)
