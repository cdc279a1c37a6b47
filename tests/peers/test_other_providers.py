"""ProConnect, a realm of Keycloak, and a standard provider by other hands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from abonde.identities.openid import flow
from abonde.identities.proof import Proof
from tests.openid_peers import Peer
from tests.peers.visitor import Site, parameters_of, refused

pytestmark = pytest.mark.usefixtures("database")
BROWSER = "what only the browser's session knows"


def proof_of(site: Site, account: str) -> Proof:
    """What a log-in proves, without the pages."""
    return_to = f"http://127.0.0.1:8000{site.callback}"
    address = flow.begin(provider=site.row, browser=BROWSER, return_to=return_to)
    answer = parameters_of(site.peer_of().leave_by(address, account=account))
    return flow.complete(provider=site.row, browser=BROWSER, return_to=return_to, answer=answer)


def test_proconnect(proconnect: Site) -> None:
    """No parameter that it does not list, so it lets us through."""
    first, again = (proconnect.visitor().log_in("angela").person for _ in range(2))
    assert first is not None
    assert first == again


def test_proconnect_tells_apart_equal_subs_of_two_identity_providers(proconnect: Site) -> None:
    angela, namesake = (proconnect.visitor().log_in(name).person for name in ("angela", "namesake"))
    assert angela is not None
    assert namesake is not None
    assert angela != namesake


def test_proconnect_without_the_identity_provider(proconnect: Site) -> None:
    refused(proconnect.visitor().log_in("ousmane"))


def test_keycloak(keycloak: Site) -> None:
    assert keycloak.visitor().log_in("angela").logged_in


def test_keycloak_roles_in_the_access_token(keycloak: Site) -> None:
    """Where a realm leaves them unless told otherwise."""
    assert proof_of(keycloak, "angela").roles == ("guichet", "offline_access")


def test_keycloak_roles_mapped_into_the_id_token(
    peers: dict[str, Peer], site_with: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the access token is not looked at."""
    site = site_with(peers["keycloak"], scopes="openid mapped-roles")
    assert proof_of(site, "angela").roles == ("guichet", "offline_access")


def test_keycloak_without_roles(keycloak: Site) -> None:
    assert proof_of(keycloak, "jean").roles == ()


def test_standard_provider(standard: Site) -> None:
    """By other hands than the certified ones: no `iss` in its callback, no signed userinfo."""
    first, again = (standard.visitor().log_in(sub="standard-angela").person for _ in range(2))
    assert first is not None
    assert first == again


def test_standard_provider_denies(standard: Site) -> None:
    refused(standard.visitor().log_in(action="deny"))
