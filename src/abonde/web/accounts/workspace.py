"""Choosing a workspace, its dashboard, and what is said about its organisation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.actions import DETAILS, edit_organisation
from abonde.organisations.models import Role
from abonde.organisations.queries import organisations_of
from abonde.organisations.signing import public_key_of, rotate_key
from abonde.people.models import Person
from abonde.web.accounts.forms import OrganisationForm
from abonde.web.rounds.standing import standing_of
from abonde.web.workspaces import AgentRequest, Waiting, agent_required, told, waiting


@login_required
@require_safe
def workspaces(request: HttpRequest) -> HttpResponse:
    """The organisations for which the person acts; the only one opens at once."""
    assert isinstance(request.user, Person)  # noqa: S101  (login_required)
    memberships = list(organisations_of(request.user))
    if len(memberships) == 1:
        return redirect("workspace", org=memberships[0].organisation.slug)
    return render(request, "accounts/workspaces.html", {"memberships": memberships})


@require_safe
@agent_required()
def dashboard(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """What waits for this agent, then where the rounds stand."""
    found = [one for ask in waiting for one in ask(request.organisation, request.user)]
    context = {"waiting": sorted(found, key=_urgency), "rounds": standing_of(request.organisation)}
    return render(request, "accounts/dashboard.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def organisation(request: AgentRequest, org: str) -> HttpResponse:
    """What receipts, agreements and pages say about the organisation."""
    row = request.organisation
    initial = {"seen": row.version, **{field: getattr(row, field) for field in ("name", *DETAILS)}}
    form = OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            edit_organisation(person=request.user, organisation=row, **form.cleaned_data)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace-organisation", org=org)
    return render(
        request, "accounts/organisation.html", {"form": form, "public_key": public_key_of(row).hex()}
    )


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def signing_key(request: AgentRequest, org: str) -> HttpResponse:
    """Put another signing key into use."""
    if request.method == "POST":
        rotate_key(person=request.user, organisation=request.organisation)
        messages.success(request, _("From now on, the organisation signs with a new key."))
        return redirect("workspace-organisation", org=org)
    context = {
        "title": _("Make a new signing key?"),
        "sentence": _(
            "Do so if the former one may have been copied, or after those who run this site have changed."
        ),
        "consequences": [
            _("What was signed with the former key stays valid."),
            _("From now on, signatures are checked with the new public key, which is published."),
        ],
        "action": _("Make a new key"),
        "cancel_url": f"/espace/{org}/organisation/",
    }
    return render(request, "components/confirm.html", context)


def _urgency(one: Waiting) -> tuple[bool, float]:
    return one.until is None, one.until.timestamp() if one.until else 0.0
