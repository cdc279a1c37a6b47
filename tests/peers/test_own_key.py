"""A provider that knows us by a key of our own: nothing is shared, and nothing secret leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from abonde.identities.checking import faults_of
from abonde.identities.models import Authentication, Kind, Provider
from abonde.identities.openid.assertion import new_private_key, public_keys
from tests.factories import unique
from tests.openid_peers import openid_peers
from tests.peers.conftest import PEOPLE, ROWS
from tests.peers.visitor import Site, a_provider, refused

NOWHERE: Final = "https://nowhere.example.org"


@pytest.fixture
def keyed(database: None) -> Iterator[Site]:
    """FranceConnect, which was given our public key and no secret."""
    row = a_provider(
        Kind.FRANCECONNECT,
        NOWHERE,
        slug=unique("keyed"),
        secret_variable="ABONDE_TEST_NEVER_SET",
        authentication=Authentication.KEY,
        sealed_private_key=new_private_key(),
        **ROWS["franceconnect"],
    )
    client = {
        "redirect_uris": [settings.PUBLIC_URL + reverse("identity-callback", args=[row.slug])],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": public_keys(row),
    }
    with openid_peers(PEOPLE, {"franceconnect": client}) as peers:
        row.issuer = peers["franceconnect"].issuer
        row.save()
        yield Site(row, peer=peers["franceconnect"])


def test_logs_in_without_a_secret(keyed: Site) -> None:
    assert faults_of(keyed.row) == []
    assert keyed.visitor().log_in("angela").logged_in


def test_another_key_is_refused_by_the_provider(keyed: Site) -> None:
    keyed.row.sealed_private_key = new_private_key()
    keyed.row.save()
    refused(keyed.visitor().log_in("angela"))


def test_only_the_public_half_is_published(keyed: Site) -> None:
    answer = Client().get(reverse("identity-keys", args=[keyed.row.slug]))
    (key,) = json.loads(answer.content)["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_no_keys_where_a_secret_is_shared(database: None) -> None:
    row = a_provider(Kind.KEYCLOAK, NOWHERE)
    assert Client().get(reverse("identity-keys", args=[row.slug])).status_code == 404


def test_no_key_no_row(database: None) -> None:
    row = a_provider(Kind.KEYCLOAK, NOWHERE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Provider.objects.filter(pk=row.pk).update(authentication=Authentication.KEY)
