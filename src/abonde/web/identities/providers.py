"""The providers of an organisation: listed, added, changed, tested, switched off. Managers only."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonde.identities.checking import findings_on
from abonde.identities.models import Authentication, Kind, Provider
from abonde.identities.openid.assertion import public_keys
from abonde.identities.providers import MAY_OFFER, add_provider, edit_provider, switch_provider
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation, Role
from abonde.web.identities.forms import KINDS, NewProviderForm, ProviderForm
from abonde.web.identities.views import return_address
from abonde.web.wording import sentences
from abonde.web.workspaces import AgentRequest, Link, agent_required, told


def links(organisation: Organisation, role: Role) -> list[Link]:
    """The room of providers, for those who may change them."""
    if role != Role.MANAGER or organisation.kind not in MAY_OFFER:
        return []
    return [Link(_("Log-in"), reverse("workspace-providers", args=[organisation.slug]))]


@never_cache
@require_safe
@agent_required(Role.MANAGER)
def providers(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """The organisation's providers."""
    found = Provider.objects.filter(organisation=request.organisation).order_by("label", "pk")
    context = {
        "providers": [(one, KINDS[Kind(one.kind)]) for one in found],
        "may_offer": request.organisation.kind in MAY_OFFER,
    }
    return render(request, "workspaces/providers.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def new_provider(request: AgentRequest, org: str) -> HttpResponse:
    """Add a provider, and go on to what is to be declared to it."""
    form = NewProviderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_provider(person=request.user, organisation=request.organisation, **form.cleaned_data)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request, _("The provider is added. Declare this site to it, test it, then switch it on.")
            )
            return redirect("workspace-provider", org, made.slug)
    return render(request, "workspaces/new_provider.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def one(request: AgentRequest, org: str, provider: str) -> HttpResponse:
    """What to declare to the provider, and what may change here."""
    found = _provider(request, provider)
    form = ProviderForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            edit_provider(person=request.user, provider=found, **form.changes(found))
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace-provider", org, provider)
    context = {"provider": found, "kind": KINDS[Kind(found.kind)], "form": form, "declared": _declared(found)}
    return render(request, "workspaces/provider.html", context)


@never_cache
@require_safe
@agent_required(Role.MANAGER)
def try_provider(request: AgentRequest, org: str, provider: str) -> HttpResponse:  # noqa: ARG001
    """Ask the provider for all that a log-in needs, and say what is wrong."""
    found = _provider(request, provider)
    looked = [
        (finding.what, sentences(finding.wrong) if finding.wrong is not None else [])
        for finding in findings_on(found)
    ]
    context = {
        "provider": found,
        "looked": looked,
        "works": not any(wrong for _what, wrong in looked),
        "declared": _declared(found),
    }
    return render(request, "workspaces/provider_test.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def provider_off(request: AgentRequest, org: str, provider: str) -> HttpResponse:
    """Say what will no longer work, and switch the provider off."""
    found = _provider(request, provider)
    if request.method == "POST":
        return _switch(request, found, on=False)
    label = {"provider": found.label}
    context = {
        "title": _("Switch %(provider)s off?") % label,
        "sentence": _("Nobody logs in through it any more, until you switch it on again.") % label,
        "consequences": [
            _("Its button goes from the log-in page."),
            _("People who have no other way in wait outside meanwhile: tell them beforehand."),
            _("The roles that it gave in your organisation end now."),
        ],
        "action": _("Switch it off"),
        "cancel_url": reverse("workspace-provider", args=[org, provider]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@agent_required(Role.MANAGER)
def provider_on(request: AgentRequest, org: str, provider: str) -> HttpResponse:  # noqa: ARG001
    """Offer the provider again."""
    return _switch(request, _provider(request, provider), on=True)


@require_safe
def provider_keys(request: HttpRequest, provider: str) -> HttpResponseBase:  # noqa: ARG001
    """The public keys with which a provider knows this site again; it fetches them itself."""
    found = get_object_or_404(Provider, slug=provider, authentication=Authentication.KEY)
    return JsonResponse(public_keys(found), headers={"cache-control": "public, max-age=3600"})


def _switch(request: AgentRequest, found: Provider, *, on: bool) -> HttpResponse:
    try:
        switch_provider(person=request.user, provider=found, on=on)
    except Refusal as refusal:
        told(request, refusal)
    else:
        messages.success(request, _("People can log in through it now.") if on else _("It is switched off."))
    return redirect("workspace-provider", request.organisation.slug, found.slug)


def _provider(request: AgentRequest, slug: str) -> Provider:
    return get_object_or_404(
        Provider.objects.select_related("organisation"), organisation=request.organisation, slug=slug
    )


def _declared(found: Provider) -> list[tuple[str, str]]:
    """What the provider, or whoever runs this site, has to be told."""
    facts = [(_("Return address"), return_address(found))]
    if found.kind != Kind.DISCOURSE:
        site = return_address(found).removesuffix(reverse("identity-callback", args=[found.slug]))
        facts.append(
            (_("Return address after logging out"), site + reverse("identity-left", args=[found.slug]))
        )
        if found.authentication == Authentication.KEY:
            return [*facts, (_("Our public keys"), site + reverse("identity-keys", args=[found.slug]))]
    return [*facts, (_("Environment variable for the secret"), found.secret_variable)]
