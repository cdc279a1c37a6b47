"""A provider that is down, slow, broken or enormous: a sentence in good time, never a crash, and nobody logged in."""

from __future__ import annotations

import json
import time

import pytest

from tests.peers.hostile import DISCOVERY, Answer, Claims, Provider, said
from tests.peers.visitor import Site, refused

pytestmark = pytest.mark.usefixtures("database")

HUGE = 4_000_000
IN_GOOD_TIME = 15.0
FAILURES = {
    "status 500": Answer(status=500, body=b"oops"),
    "status 404": Answer(status=404),
    "status 204": Answer(status=204),
    "not JSON": Answer(body=b"<html>we are moving</html>", type="text/html"),
    "JSON of another shape": said(["nothing", "to", "see"]),
    "null": said(None),
    "not UTF-8": Answer(body=b'{"a": "\xff\xfe"}'),
    "deeply nested": Answer(body=b'{"keys":' * 1 + b"[" * 100_000),
    "huge": Answer(body=json.dumps({"keys": [], "padding": "x" * HUGE}).encode()),
    "huge compressed": Answer(body=b"", headers={"content-encoding": "gzip"}),
    "slow": Answer(body=b" " * 1000 + b"{}", seconds=0.5),
    "redirect": Answer(status=302, headers={"location": "https://mallory.example/"}),
    "redirect loop": Answer(status=302, headers={"location": ""}),
    "redirect within": Answer(status=307, headers={"location": "/token"}),
}
ADDRESSES = (DISCOVERY, "/jwks", "/token", "/userinfo")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("failure", [name for name in FAILURES if name != "slow"])
def test_failure(hostile: Provider, site: Site, address: str, failure: str) -> None:
    hostile.answers[address] = FAILURES[failure]
    refused(site.visitor().log_in())


@pytest.mark.parametrize("address", ["/token", DISCOVERY])
def test_slow(hostile: Provider, site: Site, address: str) -> None:
    """One byte from time to time does not hold a page up: the limit is for the whole answer."""
    hostile.answers[address] = FAILURES["slow"]
    began = time.monotonic()
    refused(site.visitor().log_in())
    assert time.monotonic() - began < IN_GOOD_TIME


def test_down_before_leaving(hostile: Provider, site: Site) -> None:
    hostile.stop()
    refused(site.visitor().log_in())


def test_down_on_coming_back(hostile: Provider, site: Site) -> None:
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    hostile.stop()
    refused(visitor.come_back(params))


DISCOVERIES: dict[str, Claims] = {
    "issuer of another": {"issuer": "https://mallory.example"},
    "issuer missing": {"issuer": None},
    "no token endpoint": {"token_endpoint": None},
    "no keys": {"jwks_uri": None},
    "token endpoint without TLS": {"token_endpoint": "http://mallory.example/token"},
    "keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "keys at an internal address": {"jwks_uri": "http://169.254.169.254/latest/meta-data"},
    "authorize by script": {"authorization_endpoint": "javascript:alert(1)"},
    "authorize without TLS": {"authorization_endpoint": "http://mallory.example/authorize"},
    "endpoints that are no texts": {"token_endpoint": 5, "jwks_uri": ["/jwks"]},
}


@pytest.mark.parametrize("lie", DISCOVERIES.values(), ids=DISCOVERIES)
def test_discovery(hostile: Provider, site: Site, lie: Claims) -> None:
    hostile.discovery = lie
    refused(site.visitor().log_in())


def test_it_works_again_when_the_provider_does(hostile: Provider, site: Site) -> None:
    """A bad hour is not remembered."""
    hostile.answers[DISCOVERY] = FAILURES["status 500"]
    refused(site.visitor().log_in())
    del hostile.answers[DISCOVERY]
    assert site.visitor().log_in().logged_in
