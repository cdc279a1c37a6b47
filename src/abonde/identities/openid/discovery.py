"""What a provider says of itself, and its keys; both are kept for an hour."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from django.core.cache import cache

from abonde.identities.models import Provider
from abonde.identities.openid.fetching import fetch, is_safe
from abonde.identities.refusing import ProviderFails

KEPT: Final = 3600
BETWEEN_REFRESHES: Final = 60
"""Seconds: tokens with ever other key names do not have the keys fetched each time."""

Keys = list[dict[str, object]]


@dataclass(frozen=True)
class Addresses:
    """Where the provider answers; `names_itself` says that its callbacks bear `iss`."""

    authorize: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    names_itself: bool


def addresses_of(provider: Provider) -> Addresses:
    """From the provider's discovery document. Raises ProviderFails."""
    name = f"identities:addresses:{provider.pk}:{provider.issuer}"
    kept = cache.get(name)
    if kept is None:
        kept = asdict(_discover(provider))
        cache.set(name, kept, KEPT)
    return Addresses(**kept)


def keys_of(provider: Provider, *, wanted: str) -> Keys:
    """The provider's public keys, fetched again (once a minute at most) if none bears the wanted name."""
    name = f"identities:keys:{provider.pk}:{provider.issuer}"
    kept: Keys | None = cache.get(name)
    if kept is None or (
        wanted
        and all(key.get("kid") != wanted for key in kept)
        and cache.add(f"{name}:again", 1, BETWEEN_REFRESHES)
    ):
        kept = _fetch_keys(provider)
        cache.set(name, kept, KEPT)
    return kept


def _discover(provider: Provider) -> Addresses:
    said = fetch(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration").as_object()
    if said.get("issuer") != provider.issuer:
        raise ProviderFails("The log-in provider says it is another one: use another way to log in.")
    named = {
        "authorize": said.get("authorization_endpoint"),
        "token": said.get("token_endpoint"),
        "keys": said.get("jwks_uri"),
        "userinfo": said.get("userinfo_endpoint", ""),
        "end_session": said.get("end_session_endpoint", ""),
    }
    texts = {name: address for name, address in named.items() if is_safe(address)}
    if any(address and name not in texts for name, address in named.items()) or not {
        "authorize",
        "token",
        "keys",
    } <= set(texts):
        raise ProviderFails(
            "The log-in provider names an address that is not safe: use another way to log in."
        )
    return Addresses(
        **{name: str(texts.get(name, "")) for name in named},
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _fetch_keys(provider: Provider) -> Keys:
    keys = fetch(addresses_of(provider).keys).as_object().get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ProviderFails(
            "The log-in provider does not answer as it should: try again in a few minutes, or use another way."
        )
    return keys
