"""Setting a provider up, changing it, switching it off: by a manager of its organisation, or by who runs the installation.

A manager never chooses the environment variable that holds the secret, since the secret is sent to the address that
they wrote: the variable's name follows from the provider's. And once a provider opens accounts, its address stays:
whoever could change it could open them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from abonde.core.events import record_event
from abonde.identities.accounts import new_subject_key
from abonde.identities.models import Algorithm, Authentication, Identity, Kind, Provider, RoleRule
from abonde.identities.openid.assertion import new_private_key
from abonde.identities.openid.fetching import is_safe
from abonde.identities.roles import end_roles_given_by
from abonde.matching.refusal import Refusal
from abonde.organisations.models import ROLES_OF, Organisation, Role
from abonde.organisations.models import Kind as KindOfOrganisation
from abonde.organisations.permissions import NotAllowed, require_role, require_second_factor
from abonde.people.models import Person


@dataclass(frozen=True)
class Habits:
    """What a kind of provider is asked unless said otherwise."""

    scopes: str
    algorithm: Algorithm
    role_path: str = ""


HABITS: Final[Mapping[Kind, Habits]] = {
    Kind.FRANCECONNECT: Habits("openid", Algorithm.ES256),
    Kind.PROCONNECT: Habits("openid idp_id", Algorithm.RS256),
    Kind.KEYCLOAK: Habits("openid", Algorithm.RS256, "realm_access.roles"),
    Kind.OPENID: Habits("openid", Algorithm.RS256),
    Kind.DISCOURSE: Habits("", Algorithm.RS256),
}
MAY_OFFER: Final = frozenset({KindOfOrganisation.HOST, KindOfOrganisation.CERTIFIER})
FRANCECONNECT: Final = ".franceconnect.gouv.fr"
"""Whose word claims voices. Its place to try things out, where anybody is whom they like, is for operators to choose."""
LONGEST_NAME: Final = 100


def add_provider(  # noqa: PLR0913  (an action names all it needs)
    *,
    person: Person | None,
    organisation: Organisation,
    kind: Kind,
    label: str,
    issuer: str,
    client_id: str,
    slug: str = "",
    secret_variable: str = "",
    algorithm: Algorithm | None = None,
    authentication: Authentication = Authentication.SECRET,
) -> Provider:
    """Let people log in through a provider; `person` None is who runs the installation, who alone names the variable.

    A manager's provider is offered once they have tested it and switched it on. Raises NotAllowed, and Refusal for what cannot be used.
    """
    _require_right(person, organisation)
    if person is not None or not slug:
        slug = _free_slug(label)
    if person is not None or not secret_variable:
        secret_variable = f"ABONDE_LOGIN_{slug.upper().replace('-', '_')}"
    habits = HABITS[kind]
    made = Provider(
        organisation=organisation,
        kind=kind,
        slug=slug,
        label=label.strip(),
        issuer=issuer.strip(),
        client_id=client_id.strip(),
        secret_variable=secret_variable,
        algorithm=algorithm or habits.algorithm,
        scopes=habits.scopes,
        role_path=habits.role_path,
        sealed_key=new_subject_key(),
        enabled=person is None,
        authentication=authentication,
        sealed_private_key=new_private_key() if authentication == Authentication.KEY else b"",
    )
    _check(made, person)
    with transaction.atomic():
        made.save()
        _record("add_login_provider", made, person, {"kind": kind, "slug": slug})
    return made


def edit_provider(  # noqa: PLR0913  (an action names all it needs)
    *,
    person: Person,
    provider: Provider,
    label: str,
    issuer: str,
    client_id: str,
    algorithm: Algorithm,
    authentication: Authentication,
    role_path: str,
    roles: Mapping[Role, Iterable[str]],
) -> Provider:
    """Change what its button says, how it is asked, and which of its roles or groups give which role here.

    Raises NotAllowed, and Refusal for what cannot be used.
    """
    _require_right(person, provider.organisation)
    with transaction.atomic():
        locked = Provider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
        _keep_address(locked, issuer.strip())
        locked.label, locked.issuer, locked.client_id = label.strip(), issuer.strip(), client_id.strip()
        locked.algorithm, locked.authentication, locked.role_path = (
            algorithm,
            authentication,
            role_path.strip(),
        )
        if authentication == Authentication.KEY and not locked.sealed_private_key:
            locked.sealed_private_key = new_private_key()
        _check(locked, person)
        locked.save()
        _write_rules(locked, roles)
        after = {
            "issuer": locked.issuer,
            "roles": {str(role): sorted(names) for role, names in roles.items()},
        }
        _record("edit_login_provider", locked, person, after)
    return locked


def switch_provider(*, person: Person, provider: Provider, on: bool) -> Provider:
    """Offer the provider, or no longer; switched off, it opens nothing and the roles that it gave end."""
    _require_right(person, provider.organisation)
    with transaction.atomic():
        locked = Provider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
        if locked.enabled == on:
            return locked
        locked.enabled = on
        locked.save(update_fields=["enabled"])
        if not on:
            end_roles_given_by(locked)
        _record("switch_login_provider", locked, person, {"enabled": on})
    return locked


def opens_accounts(provider: Provider) -> bool:
    """Whether somebody logs in through it, so that its address stays."""
    return Identity.objects.filter(provider=provider).exists()


def roles_offered(organisation: Organisation) -> list[Role]:
    """The roles that a provider may give in the organisation: never a manager's."""
    offered = ROLES_OF[KindOfOrganisation(organisation.kind)]
    return [role for role in Role if role in offered and role is not Role.MANAGER]


def _require_right(person: Person | None, organisation: Organisation) -> None:
    if person is None:
        return
    require_role(person, organisation, Role.MANAGER)
    require_second_factor(person)
    if organisation.kind not in MAY_OFFER:
        raise NotAllowed("Only hosts and certifiers offer providers: ask one of those of your rounds.")


def _free_slug(label: str) -> str:
    """A part of addresses that no other provider has."""
    slug = slugify(label).replace("_", "-")[:40].strip("-") or "fournisseur"
    taken = slug == "nouveau" or Provider.objects.filter(slug=slug).exists()
    return f"{slug}-{secrets.token_hex(3)}" if taken else slug


def _keep_address(provider: Provider, issuer: str) -> None:
    if issuer != provider.issuer and opens_accounts(provider):
        raise Refusal(
            "People log in through {provider} already, so its address stays: add another provider, and switch this one off.",
            provider=provider.label,
        )


def _check(provider: Provider, person: Person | None) -> None:
    """Raises Refusal for what cannot be used."""
    if not is_safe(provider.issuer):
        raise Refusal(
            "{issuer} is no address that can be trusted: it must begin with https://.", issuer=provider.issuer
        )
    host = urlsplit(provider.issuer).hostname or ""
    by_a_manager = person is not None and settings.PRODUCTION
    if provider.kind == Kind.FRANCECONNECT and by_a_manager and not host.endswith(FRANCECONNECT):
        raise Refusal(
            "{issuer} is not FranceConnect: copy its address from the guide.", issuer=provider.issuer
        )
    if provider.kind != Kind.DISCOURSE and not provider.client_id:
        raise Refusal("Write the client’s identifier, as the provider gave it to you.")
    try:
        # Django takes no http address without a point in it; is_safe has looked at it already.
        provider.full_clean(exclude=["issuer", "scopes", "client_id", "sealed_private_key"])
    except ValidationError as error:
        raise Refusal("The provider cannot be used: {reasons}", reasons="; ".join(error.messages)) from error


def _write_rules(provider: Provider, roles: Mapping[Role, Iterable[str]]) -> None:
    offered = roles_offered(provider.organisation)
    named: dict[str, Role] = {}
    for role, names in roles.items():
        if role not in offered:
            raise Refusal(
                "Choose one of the roles that {organisation} has.", organisation=provider.organisation
            )
        for name in names:
            if len(name) > LONGEST_NAME:
                raise Refusal("“{name}” is too long for the name of a role: check it.", name=name)
            if named.setdefault(name, role) != role:
                raise Refusal("“{name}” stands for two roles: leave it in one.", name=name)
    RoleRule.objects.filter(provider=provider).delete()
    RoleRule.objects.bulk_create(
        RoleRule(provider=provider, named=name, role=role) for name, role in named.items()
    )


def _record(verb: str, provider: Provider, person: Person | None, after: Mapping[str, object]) -> None:
    record_event(
        actor=person.actor if person else None,
        verb=verb,
        subject=provider,
        after=after,
        tenant=provider.organisation.reference,
    )
