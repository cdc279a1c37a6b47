"""How allauth speaks, writes and remembers here: our letters, our log of events, sealed secrets."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from abonde.core.events import record_event
from abonde.core.sealing import seal, unseal
from abonde.notifications.actions import send_letter
from abonde.organisations.queries import organisations_of
from abonde.people.models import Person
from abonde.web.accounts.voices import claim_voices

CODES: Final = {
    "account/email/login_code": "login_code",
    "account/email/email_confirmation": "address_code",
}
"""allauth's mails, and the letters that stand for them. Any other is a mistake of ours, and fails."""


NEW_FACTORS: Final = frozenset({"totp_activated", "webauthn_added"})


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The ACCOUNT_ADAPTER."""

    error_messages: Final = {
        **DefaultAccountAdapter.error_messages,
        "duplicate_email": _("This address is already one of yours."),
        "email_taken": _("This address belongs to another account: remove it there first."),
        "incorrect_code": _(
            "This is not the code: compare it with our latest e-mail, each one brings another code."
        ),
        "max_email_addresses": _("An account holds %d addresses at most: remove one first."),
        "rate_limited": _("Too many tries: wait a minute, then try again."),
        "too_many_login_attempts": _("Too many tries: wait a minute, then try again."),
        "cannot_remove_primary_email": _(
            "This is your main address: choose another one as main address first."
        ),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write our letter instead, in the language of the page."""
        values = {"code": context["code"]} if "code" in context else {}
        send_letter(kind=CODES[template_prefix], address=email, language=get_language(), values=values)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Person,
        context: dict[str, Any] | None = None,  # noqa: ARG002  allauth's signature
        email: str | None = None,  # noqa: ARG002  the person's main address is where it matters
    ) -> None:
        """Log what changed in the ways into an account, and tell its person, who may not have done it.

        Who has just set up a factor has just used it, and is not asked for it again before the recovery codes.
        """
        change = template_prefix.rpartition("/")[2]
        if change in NEW_FACTORS:
            record_authentication(self.request, user, method="mfa", reauthenticated=True)
        record_event(actor=user.actor, verb=change, subject=user)
        send_letter(kind="security_change", person=user, values={"change": change})

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, str]]:
        """A passkey first, where there is one: it is quicker than a code."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: not method["id"].endswith("webauthn"))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where who came for nothing else goes: agents to their workspace, everybody else to the home page."""
        if isinstance(request.user, Person) and organisations_of(request.user).exists():
            return reverse("workspaces")
        return str(super().get_login_redirect_url(request))

    def post_login(self, request: HttpRequest, user: Person, **hooks: object) -> HttpResponse:
        """Go on in the person's language, unless this browser has been told another one."""
        response: HttpResponse = super().post_login(request, user, **hooks)
        name = settings.LANGUAGE_COOKIE_NAME
        if name not in request.COOKIES:
            response.set_cookie(name, user.language, secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax")
        return response

    def login(self, request: HttpRequest, user: Person) -> None:
        """Open the session under a new key, and claim the voices that come with a confirmed address."""
        super().login(request, user)
        record_event(actor=user.actor, verb="log_in", subject=user)
        claim_voices(user)


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The MFA_ADAPTER."""

    error_messages: Final = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code: type the one that the application shows now."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Person, type: str) -> str:  # noqa: A002, ARG002  allauth's signature
        return str(_("My passkey"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Abonde"}
