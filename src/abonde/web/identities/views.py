"""Leaving for a provider and coming back from it."""

from __future__ import annotations

import secrets
from types import ModuleType
from typing import Final
from urllib.parse import urlencode

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from abonde.identities import discourse
from abonde.identities.accounts import account_behind, link_identity
from abonde.identities.models import Kind, Provider
from abonde.identities.openid import flow
from abonde.identities.proof import Proof
from abonde.identities.refusing import LogInRefused
from abonde.identities.roles import apply_roles
from abonde.people.models import Person
from abonde.web.accounts.voices import claim_voices
from abonde.web.identities.leaving import remember
from abonde.web.identities.proving import tells_who, voices_to_claim
from abonde.web.voices.claiming import claim_by_provider
from abonde.web.workspaces import told

BROWSER: Final = "identities-browser"
"""In the session: what shows that a log-in comes back to the browser that it left."""
LONGEST_NEXT: Final = 500


@never_cache
@require_safe
def leave(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Send the browser to the provider."""
    found = get_object_or_404(Provider, slug=provider, enabled=True)
    target = local_address(request.GET.get("next", ""))
    try:
        address = protocol_of(found).begin(
            provider=found, browser=browser_of(request), return_to=return_address(found), next=target
        )
    except LogInRefused as refusal:
        return _back_to_log_in(request, refusal, target)
    return redirect(address)


@never_cache
@require_safe
def come_back(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Take the provider's answer: log in, or link the identity to the account that asked for it."""
    found = get_object_or_404(Provider, slug=provider, enabled=True)
    try:
        proof: Proof = protocol_of(found).complete(
            provider=found,
            browser=request.session.get(BROWSER, ""),
            return_to=return_address(found),
            answer=request.GET.dict(),
        )
        if proof.linking is not None:
            return _link(request, proof)
        person = account_behind(proof=proof)
        apply_roles(person=person, proof=proof)
    except LogInRefused as refusal:
        return _back_to_log_in(request, refusal)
    remember(request, proof)
    claim_by_provider(request, person, proof)
    record_authentication(request, person, method="provider")
    # The provider stands for the address; a second factor is asked for all the same where there is one.
    login = Login(
        user=person, email_verification=EmailVerificationMethod.NONE, redirect_url=_where_to(person, proof)
    )
    return perform_login(request, login)  # type: ignore[no-any-return]  # allauth has no types


def browser_of(request: HttpRequest) -> str:
    """What only this browser's session knows."""
    return str(request.session.setdefault(BROWSER, secrets.token_urlsafe()))


def _link(request: HttpRequest, proof: Proof) -> HttpResponseBase:
    if not isinstance(request.user, Person) or request.user != proof.linking:
        raise PermissionDenied
    link_identity(person=request.user, proof=proof)
    apply_roles(person=request.user, proof=proof)
    claim_voices(request.user)
    if tells_who(proof):
        claim_by_provider(request, request.user, proof)
        return redirect("my-voice")
    messages.success(request, _("You can log in with %(provider)s now.") % {"provider": proof.provider})
    return redirect("my-identities")


def _where_to(person: Person, proof: Proof) -> str | None:
    """Where one wanted to go; who could claim a voice by the provider is asked first whether they want to."""
    if proof.provider.kind != Kind.FRANCECONNECT or tells_who(proof) or not voices_to_claim(person).exists():
        return proof.next or None
    page = reverse("identity-voice", args=[proof.provider.slug])
    return page + (f"?{urlencode({'next': proof.next})}" if proof.next else "")


def protocol_of(provider: Provider) -> ModuleType:
    """What begins and completes a log-in."""
    return discourse if provider.kind == Kind.DISCOURSE else flow


def return_address(provider: Provider) -> str:
    """As it is declared to the provider."""
    return f"{settings.PUBLIC_URL}{reverse('identity-callback', args=[provider.slug])}"


def local_address(address: str) -> str:
    """The address if it is one of this site's."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours and address.isprintable() and len(address) <= LONGEST_NEXT else ""


def _back_to_log_in(request: HttpRequest, refusal: LogInRefused, target: str = "") -> HttpResponseBase:
    told(request, refusal)
    if request.user.is_authenticated:
        return redirect("my-identities")
    return redirect(reverse("account_login") + (f"?{urlencode({'next': target})}" if target else ""))
