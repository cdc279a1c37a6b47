"""Accepting an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonde.matching.refusal import Refusal
from abonde.organisations.actions import accept_invitation
from abonde.organisations.inviting import InvitationOver, open_invitation
from abonde.organisations.models import Role
from abonde.people.models import Person
from abonde.web.accounts.forms import ROLE_WORDS
from abonde.web.workspaces import told


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Say who invites to do what; a person who has logged in accepts."""
    try:
        found = open_invitation(token)
    except InvitationOver as refusal:
        told(request, refusal)
        return render(request, "accounts/invitation_over.html", status=410)
    if request.method == "POST":
        return _accept(request, token)
    context = {"invitation": found, "role": ROLE_WORDS[Role(found.role)]}
    return render(request, "accounts/invitation.html", context)


def _accept(request: HttpRequest, token: str) -> HttpResponseBase:
    if not isinstance(request.user, Person):
        return redirect_to_login(request.get_full_path())
    try:
        membership = accept_invitation(person=request.user, token=token)
    except Refusal as refusal:
        told(request, refusal)
        return redirect("workspaces")
    messages.success(
        request, _("Welcome! You now act for {organisation}.").format(organisation=membership.organisation)
    )
    return redirect("workspace", org=membership.organisation.slug)
