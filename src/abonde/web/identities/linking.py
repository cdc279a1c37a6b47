"""My identities: the providers that open one's account, one more, or one less."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from abonde.identities.linked import identities_of, is_last_way_in, providers_to_link, unlink_identity
from abonde.identities.models import Identity
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.web.identities.proving import proving_providers, voices_to_claim
from abonde.web.identities.views import browser_of, local_address, protocol_of, return_address
from abonde.web.workspaces import told

LINKS: Final = "identities-link"
"""In the session: what the links of the page carry, so that no other site can have somebody link an identity. A form
cannot do it, since the content security policy lets none lead to a provider."""


class GiveUpForm(forms.Form):
    """What is confirmed before the last way in goes."""

    knowingly = forms.BooleanField(label=gettext_lazy("I know that I will not get into this account again."))


@login_required
@never_cache
@require_safe
def my_identities(request: HttpRequest) -> HttpResponseBase:
    """The providers that open my account, and those that could."""
    person = _person(request)
    context = {
        "identities": identities_of(person),
        "providers": providers_to_link(person),
        "token": request.session.setdefault(LINKS, secrets.token_urlsafe()),
    }
    return render(request, "accounts/my_identities.html", context)


@login_required
@never_cache
@require_safe
def claim_voice(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Say what FranceConnect would be asked for, so that a voice can be claimed, and what becomes of it."""
    found = get_object_or_404(proving_providers(), slug=provider)
    context = {
        "provider": found,
        "registers": voices_to_claim(_person(request)),
        "token": request.session.setdefault(LINKS, secrets.token_urlsafe()),
        "next": local_address(request.GET.get("next", "")) or "/",
    }
    return render(request, "accounts/claim_by_provider.html", context)


@login_required
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
@require_safe
def link(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Send the browser to the provider, to come back with one more identity."""
    person = _person(request)
    for_voice = "voix" in request.GET
    offered = proving_providers() if for_voice else providers_to_link(person)
    found = get_object_or_404(offered, slug=provider)
    token = str(request.session.pop(LINKS, ""))
    if not token or not hmac.compare_digest(request.GET.get("jeton", "").encode(), token.encode()):
        messages.warning(request, _("Choose the provider once more: the page had grown old."))
        return redirect("identity-voice", provider) if for_voice else redirect("my-identities")
    asked = {"pivot": True} if for_voice else {}
    try:
        address: str = protocol_of(found).begin(
            provider=found,
            browser=browser_of(request),
            return_to=return_address(found),
            linking=person,
            **asked,
        )
    except Refusal as refusal:
        told(request, refusal)
        return redirect("my-identities")
    return redirect(address)


@login_required
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "POST"])
def unlink(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Say what goes, and take the identity off."""
    person = _person(request)
    identity = get_object_or_404(identities_of(person), provider__slug=provider)
    last = is_last_way_in(identity)
    form = GiveUpForm(request.POST or None) if last else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            unlink_identity(person=person, identity=identity, knowingly=form is not None)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(
                request, _("%(provider)s no longer opens your account.") % {"provider": identity.provider}
            )
        return redirect("my-identities")
    return render(request, "components/confirm.html", _what_goes(identity, form))


def _what_goes(identity: Identity, form: GiveUpForm | None) -> dict[str, object]:
    label = {"provider": identity.provider}
    consequences = [
        _("Who logs in with %(provider)s from then on begins a new account.") % label,
        _("Your gifts, your voice and all else of your account stay."),
        _("If %(provider)s gave you a role in an organisation, the role ends.") % label,
    ]
    if form is not None:
        consequences = [
            _(
                "Nothing else opens your account: neither an e-mail address nor a passkey. You would never get in again."
            ),
            _("To keep it, go back and add an e-mail address or a passkey first."),
            *consequences,
        ]
    return {
        "title": _("Unlink %(provider)s?") % label,
        "sentence": _("%(provider)s will no longer open your account.") % label,
        "consequences": consequences,
        "action": _("Unlink"),
        "cancel_url": reverse("my-identities"),
        "form": form,
        "dangerous": form is not None,
    }


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101  (login_required)
    return request.user
