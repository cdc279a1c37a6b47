"""Abonde with a provider: a hostile one, and the certified ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from abonde.identities.models import Kind
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
