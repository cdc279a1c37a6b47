"""Logging out here, then at the provider: a page offers it, since only a person's own tap may leave this site."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from allauth.account.views import LogoutView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from abonde.core.sealing import seal, unseal
from abonde.identities.models import Provider
from abonde.identities.openid.leaving import log_out_address
from abonde.identities.proof import Proof
from abonde.matching.refusal import Refusal
from abonde.web.workspaces import told

CAME_BY: Final = "identities-came-by"
"""In the session: by which provider, and sealed, the id_token with which it knows its log-in again."""
STATE: Final = "identities-leaving"


def remember(request: HttpRequest, proof: Proof) -> None:
    """What logging out at the provider will need; it stays in the server's session."""
    if proof.id_token:
        request.session[CAME_BY] = [proof.provider.slug, seal(proof.id_token.encode()).decode()]


class LogOut(LogoutView):  # type: ignore[misc]  # allauth has no types
    """Log out here; who came by a provider is then offered to log out there."""

    def post(self, *args: object, **kwargs: object) -> HttpResponse:
        came_by = self.request.session.get(CAME_BY)
        response: HttpResponse = super().post(*args, **kwargs)
        if came_by is None:
            return response
        self.request.session[CAME_BY] = came_by
        return redirect("identity-leaving", came_by[0])


@never_cache
@require_safe
def leaving(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Say that one is logged out here, and offer the same at the provider."""
    found = get_object_or_404(Provider, slug=provider)
    if request.session.get(CAME_BY, [""])[0] != found.slug or request.user.is_authenticated:
        return redirect("/")
    return render(request, "accounts/leaving_provider.html", {"provider": found})


@never_cache
@require_safe
def leave_provider(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Send the browser to the provider's log-out."""
    found = get_object_or_404(Provider, slug=provider)
    slug, sealed = request.session.pop(CAME_BY, ["", ""])
    if slug != found.slug:
        return redirect("/")
    request.session[STATE] = secrets.token_urlsafe(32)
    return_to = settings.PUBLIC_URL + reverse("identity-left", args=[found.slug])
    try:
        return redirect(
            log_out_address(
                provider=found,
                id_token=unseal(sealed.encode()).decode(),
                state=request.session[STATE],
                return_to=return_to,
            )
        )
    except Refusal as refusal:
        told(request, refusal)
        return redirect("/")


@never_cache
@require_safe
def left_provider(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Back from the provider's log-out; a return that nobody left for says nothing."""
    get_object_or_404(Provider, slug=provider)
    state = request.session.pop(STATE, "")
    if state and hmac.compare_digest(request.GET.get("state", "").encode(), state.encode()):
        messages.success(request, _("You are logged out, here and there."))
    else:
        messages.warning(
            request, _("We cannot tell whether you are logged out there: close the browser to be sure.")
        )
    return redirect("/")
