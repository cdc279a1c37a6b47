"""What a manager writes about a provider. Secrets are never written here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.identities.models import Algorithm, Authentication, Kind, Provider, RoleRule
from abonde.identities.providers import opens_accounts, roles_offered
from abonde.organisations.models import Role

KINDS: Final = {
    Kind.FRANCECONNECT: _("FranceConnect: inhabitants, by their tax, health insurance or post account"),
    Kind.PROCONNECT: _("ProConnect: officials, by the account of their work"),
    Kind.KEYCLOAK: _("Keycloak: members of a network, by a realm of its own"),
    Kind.OPENID: _("Another OpenID Connect provider"),
    Kind.DISCOURSE: _("Discourse: members of a forum"),
}
WAYS: Final = {
    Authentication.SECRET: _(
        "By a secret that we share: whoever runs this site writes it into the environment"
    ),
    Authentication.KEY: _("By a key of our own: nothing is shared, the provider reads our public key"),
}
ROLE_LABELS: Final = {
    Role.REVIEWER: _("Who reviews applications"),
    Role.TREASURER: _("Who follows payments"),
    Role.REGISTRAR: _("Who runs the counter and the register"),
    Role.READER: _("Who may read everything"),
}
ISSUER: Final = _("As the provider writes it itself, to the letter. Of a forum: its address.")


class NewProviderForm(forms.Form):
    """The first things to say; the rest follows from the kind."""

    kind = forms.ChoiceField(
        label=_("Who vouches for people?"), choices=KINDS.items(), widget=forms.RadioSelect
    )
    label = forms.CharField(
        label=_("What its button says"), help_text=_("Such as “Forum of the valley”."), max_length=100
    )
    issuer = forms.CharField(
        label=_("Its address"),
        help_text=ISSUER,
        max_length=200,
        widget=forms.URLInput({"spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label=_("Our identifier there"),
        help_text=_(
            "The provider gives it when you declare this site to it (“client ID”). A forum has none."
        ),
        max_length=200,
        required=False,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_kind(self) -> Kind:
        return Kind(self.cleaned_data["kind"])


class ProviderForm(forms.Form):
    """What may change of a provider, with the roles that it gives."""

    label = forms.CharField(label=_("What its button says"), max_length=100)
    issuer = forms.CharField(
        label=_("Its address"),
        help_text=ISSUER,
        max_length=200,
        widget=forms.URLInput({"spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label=_("Our identifier there"),
        max_length=200,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )
    authentication = forms.ChoiceField(
        label=_("How we show who we are"), choices=WAYS.items(), widget=forms.RadioSelect
    )
    algorithm = forms.ChoiceField(
        label=_("How it signs"),
        help_text=_("The same as there. Nothing signed in another way is believed."),
        choices=[(one, one) for one in Algorithm.values],
    )
    role_path = forms.CharField(
        label=_("Where its answer names roles"),
        help_text=_("Such as realm_access.roles, where a realm of Keycloak has them."),
        max_length=100,
        required=False,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, provider: Provider, data: Any = None) -> None:  # noqa: ANN401  Django's QueryDict or None
        self.roles = roles_offered(provider.organisation)
        super().__init__(data, initial=_initial(provider))
        for role in self.roles:
            self.fields[role.value] = forms.CharField(
                label=ROLE_LABELS[role],
                help_text=_("Roles or groups there, with commas between them."),
                max_length=1000,
                required=False,
                widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
            )
        if provider.kind == Kind.DISCOURSE:
            for name in ("client_id", "authentication", "algorithm", "role_path"):
                del self.fields[name]
        elif provider.kind not in {Kind.KEYCLOAK, Kind.OPENID}:
            for name in ("role_path", *(role.value for role in self.roles)):
                del self.fields[name]
        if opens_accounts(provider):
            self.fields["issuer"].disabled = True
            self.fields["issuer"].help_text = _("People log in through it already, so it stays.")

    def changes(self, provider: Provider) -> dict[str, Any]:
        """What `edit_provider` takes; needs a valid form."""
        given = self.cleaned_data
        return {
            "label": given["label"],
            "issuer": given["issuer"],
            "client_id": given.get("client_id", provider.client_id),
            "authentication": Authentication(given.get("authentication", provider.authentication)),
            "algorithm": Algorithm(given.get("algorithm", provider.algorithm)),
            "role_path": given.get("role_path", provider.role_path),
            "roles": {role: _names(given.get(role.value, "")) for role in self.roles},
        }


def _initial(provider: Provider) -> dict[str, str]:
    rules = RoleRule.objects.filter(provider=provider).order_by("named").values_list("role", "named")
    named: dict[str, list[str]] = {}
    for role, name in rules:
        named.setdefault(role, []).append(name)
    return {
        "label": provider.label,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "authentication": provider.authentication,
        "algorithm": provider.algorithm,
        "role_path": provider.role_path,
        **{role: ", ".join(names) for role, names in named.items()},
    }


def _names(written: str) -> Iterable[str]:
    return sorted({name.strip() for name in written.split(",") if name.strip()})
