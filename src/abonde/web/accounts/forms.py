"""Forms of accounts and teams. Those of allauth get our words and widgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    AddEmailForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    RequestLoginCodeForm,
)
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from abonde.organisations.models import ROLES_OF, Kind, Organisation, Role
from abonde.web.widgets import EmailAddressField

ROLE_WORDS: Final = {
    Role.MANAGER: _("Manager: does everything, and decides who acts for the organisation"),
    Role.REVIEWER: _("Reviewer: reads applications and decides on them"),
    Role.TREASURER: _("Treasurer: follows payments, refunds and transfers"),
    Role.REGISTRAR: _("Registrar: grants voices and takes them back"),
    Role.READER: _("Reader: sees everything, changes nothing"),
}


def code_field(*, at_once: bool = True) -> forms.CharField:
    """A code that came by letter or is shown by an application; `at_once` where the page asks for nothing else."""
    attributes = {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "spellcheck": "false",
        "autofocus": at_once,
    }
    return forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attributes))


class AddressForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    """Where to send the code. The same answer for every address, known or not."""

    email = EmailAddressField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": _("Write your e-mail address, such as name@example.org.")},
    )

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        if not ratelimit.consume(context.request, action="request_login_code", key=address):
            raise get_adapter().validation_error("too_many_login_attempts")
        return address


class LoginCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code of the letter."""

    code = code_field()


class AddressCodeForm(ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code of the letter to a further address."""

    code = code_field()


class FurtherAddressForm(AddEmailForm):  # type: ignore[misc]
    """One more address of the same person."""

    email = EmailAddressField(
        label=_("Another e-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    """A code of the application, or one of the recovery codes."""

    code = code_field()


class SecondFactorAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The same, before something delicate."""

    code = code_field()


class ActivateCodesForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code that the application shows."""

    code = code_field(at_once=False)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("To know it among others, such as “my phone”."),
        required=False,
        max_length=60,
    )
    passwordless = forms.BooleanField(
        label=_("Log in with this passkey alone, without a code by e-mail"), required=False, initial=True
    )


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=60)


class PersonForm(forms.Form):
    """How the person is called, and written to."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As we address you. It is never shown beside your gifts."),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of our e-mails"), choices=settings.LANGUAGES)


class RoleForm(forms.Form):
    """A role in the organisation."""

    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the person may do.")},
    )

    def __init__(
        self,
        organisation: Organisation,
        data: Mapping[str, str] | None = None,
        *,
        initial: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        offered = ROLES_OF[Kind(organisation.kind)]
        field.choices = [(role.value, ROLE_WORDS[role]) for role in Role if role in offered]


class InvitationForm(RoleForm):
    """Whom to invite, to do what."""

    email = EmailAddressField(label=_("E-mail address of the person"), max_length=254)
    field_order = ("email", "role")


class OrganisationForm(forms.Form):
    """What is public about an organisation, and what receipts and agreements need."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As people know it."),
        max_length=200,
        error_messages={"required": _("Write the name of the organisation.")},
    )
    legal_name = forms.CharField(
        label=_("Legal name"), help_text=_("As it stands in agreements."), max_length=200, required=False
    )
    siren = forms.CharField(label=_("SIREN number"), max_length=11, required=False)
    rna = forms.CharField(
        label=_("RNA number"),
        help_text=_("For associations: W and nine digits."),
        max_length=10,
        required=False,
    )
    address = forms.CharField(label=_("Postal address"), widget=forms.Textarea({"rows": 3}), required=False)
    email = EmailAddressField(label=_("E-mail address for questions"), required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def clean_siren(self) -> str:
        return str(self.cleaned_data["siren"]).replace(" ", "")
