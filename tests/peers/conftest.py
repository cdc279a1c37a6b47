"""Abonde with a provider: a hostile one, the certified ones, and one by other hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from abonde.identities.models import Kind
from abonde.identities.models import Provider as Row
from tests.factories import unique
from tests.openid_peers import SECRET as PEERS_SECRET
from tests.openid_peers import Peer, openid_peers, standard_peer
from tests.peers.hostile import SECRET, Provider, hostile_provider
from tests.peers.visitor import SECRET_VARIABLE, Site, a_provider


@pytest.fixture
def hostile() -> Iterator[Provider]:
    with hostile_provider() as provider:
        yield provider


@pytest.fixture
def site(database: None, hostile: Provider, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Abonde, whose FranceConnect is the hostile provider."""
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    cache.clear()
    return Site(a_provider(Kind.FRANCECONNECT, hostile.issuer, algorithm="ES256"), hostile=hostile)


PEOPLE: Final[dict[str, dict[str, object]]] = {
    "angela": {
        "sub": "a1" * 32 + "v1",
        "given_name": "Angela Claire Louise",
        "family_name": "Dubois",
        "birthdate": "1962-08-24",
        "birthplace": "75107",
        "email": "one-mailbox@example.org",
        "usual_name": "Dubois",
        "siret": "21260113200013",
        "idp_id": "first-idp",
        "name": "Angela Dubois",
        "realm_access": {"roles": ["guichet", "offline_access"]},
    },
    "jean": {"sub": "b2" * 32 + "v1", "email": "one-mailbox@example.org", "idp_id": "first-idp"},
    "ousmane": {
        "sub": "c3" * 32 + "v1",
        "given_name": "Ousmane",
        "family_name": "Ba",
        "birthdate": "1990-00-00",
    },
    "namesake": {"sub": "a1" * 32 + "v1", "usual_name": "Durand", "idp_id": "second-idp"},
}
"""`namesake` has the same `sub` as `angela`, by another identity provider."""

ROWS: Final[dict[str, dict[str, object]]] = {
    "franceconnect": {
        "algorithm": "ES256",
        "scopes": "openid given_name family_name birthdate birthplace",
    },
    "proconnect": {"scopes": "openid given_name usual_name email siret idp_id"},
    "keycloak": {"scopes": "openid profile", "role_path": "realm_access.roles"},
    "openid": {},
}


@pytest.fixture(scope="session")
def slugs() -> dict[str, str]:
    """The providers' names in return addresses, which are declared to them before they start."""
    return {kind: unique(kind) for kind in ROWS}


@pytest.fixture(scope="session")
def peers(slugs: dict[str, str]) -> Iterator[dict[str, Peer]]:
    """The certified providers."""
    clients = {
        kind: {
            "redirect_uris": [settings.PUBLIC_URL + reverse("identity-callback", args=[slugs[kind]])],
            "post_logout_redirect_uris": [settings.PUBLIC_URL + reverse("identity-left", args=[slugs[kind]])],
        }
        for kind in ("franceconnect", "proconnect", "keycloak")
    }
    with openid_peers(PEOPLE, clients) as started:
        yield started


@pytest.fixture
def site_with(database: None, slugs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Site]:
    """Abonde with a peer; its row is made by the first test that needs it."""
    monkeypatch.setenv(SECRET_VARIABLE, PEERS_SECRET)

    def made(peer: Peer, **columns: object) -> Site:
        kind = Kind(peer.kind)
        row = Row.objects.filter(slug=slugs[kind]).first()
        row = row or a_provider(kind, peer.issuer, slug=slugs[kind], **ROWS[kind])
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        return Site(row, peer=peer)

    return made


@pytest.fixture
def franceconnect(peers: dict[str, Peer], site_with: Callable[..., Site]) -> Site:
    return site_with(peers["franceconnect"])


@pytest.fixture
def proconnect(peers: dict[str, Peer], site_with: Callable[..., Site]) -> Site:
    return site_with(peers["proconnect"])


@pytest.fixture
def keycloak(peers: dict[str, Peer], site_with: Callable[..., Site]) -> Site:
    return site_with(peers["keycloak"], **ROWS["keycloak"])


@pytest.fixture(scope="session")
def standard_provider() -> Iterator[Peer]:
    with standard_peer({"sub": "standard-angela", "email": "one-mailbox@example.org"}) as peer:
        yield peer


@pytest.fixture
def standard(standard_provider: Peer, site_with: Callable[..., Site]) -> Site:
    return site_with(standard_provider)


@pytest.fixture
def forum(database: None, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Abonde with a forum, whose answers the tests sign themselves."""
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    return Site(a_provider(Kind.DISCOURSE, "https://forum.example.org"))
