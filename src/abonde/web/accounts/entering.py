"""Logging in: one page for those who have an account and those who have none yet."""

from __future__ import annotations

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.views import RequestLoginCodeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from abonde.identities.models import Provider
from abonde.people.actions import account_for
from abonde.web.accounts.forms import AddressForm


@method_decorator(never_cache, name="dispatch")
class LogIn(RequestLoginCodeView):  # type: ignore[misc]  # allauth has no types
    """Ask for an address and send it a code; a new address begins an account with its first code."""

    template_name = "account/login.html"

    def form_valid(self, form: AddressForm) -> HttpResponse:
        address = form.cleaned_data["email"]
        LoginCodeVerificationProcess.initiate(
            request=self.request, user=account_for(address=address), email=address
        )
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **context: object) -> dict[str, object]:
        """With the providers that vouch for people."""
        found: dict[str, object] = super().get_context_data(**context)
        return found | {"providers": Provider.objects.filter(enabled=True).order_by("label", "pk")}


def sign_up(request: HttpRequest) -> HttpResponse:
    """There is no other page for new accounts."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("account_login") + (f"?{query}" if query else ""))
