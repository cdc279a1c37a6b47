"""Setting a provider up, and asking it whether it answers as it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from abonde.core.events import record_event
from abonde.identities.accounts import new_subject_key
from abonde.identities.models import Algorithm, Kind, Provider
from abonde.identities.openid.discovery import addresses_of, keys_of
from abonde.identities.openid.fetching import is_safe
from abonde.identities.secret import secret_of
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation


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


def add_provider(  # noqa: PLR0913  (an action names all it needs)
    *,
    organisation: Organisation,
    kind: Kind,
    slug: str,
    label: str,
    issuer: str,
    client_id: str,
    secret_variable: str,
    algorithm: Algorithm | None = None,
) -> Provider:
    """Let people log in through a provider, by who runs the installation. Raises Refusal for what cannot be used."""
    if not is_safe(issuer):
        raise Refusal(
            "{issuer} is no address that can be trusted: it must begin with https://.", issuer=issuer
        )
    habits = HABITS[kind]
    made = Provider(
        organisation=organisation,
        kind=kind,
        slug=slug,
        label=label,
        issuer=issuer,
        client_id=client_id,
        secret_variable=secret_variable,
        algorithm=algorithm or habits.algorithm,
        scopes=habits.scopes,
        role_path=habits.role_path,
        sealed_key=new_subject_key(),
    )
    try:
        # Django takes no http address without a point in it; is_safe has looked at it already.
        made.full_clean(exclude=["issuer", "scopes", "client_id"])
    except ValidationError as error:
        raise Refusal("The provider cannot be added: {reasons}", reasons="; ".join(error.messages)) from error
    with transaction.atomic():
        made.save()
        record_event(actor=None, verb="add_login_provider", subject=made, after={"kind": kind, "slug": slug})
    return made


def look_at(provider: Provider) -> None:
    """Ask for everything that a log-in needs before anybody tries. Raises ProviderFails with what is wrong."""
    secret_of(provider)
    if provider.kind != Kind.DISCOURSE:
        addresses_of(provider)
        keys_of(provider, wanted="")
