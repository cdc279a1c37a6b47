"""Callbacks that nobody asked for, come twice, or come to the wrong browser; where a log-in may lead; leaving."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tests.peers.hostile import Claims, Provider
from tests.peers.visitor import Site, refused

pytestmark = pytest.mark.usefixtures("database")

CALLBACKS: dict[str, Claims] = {
    "state missing": {"state": None},
    "state empty": {"state": ""},
    "state unknown": {"state": "s" * 43},
    "state with a null byte": {"state": "s\0" * 20},
    "iss missing": {"iss": None},
    "iss of another": {"iss": "https://mallory.example"},
    "iss with a slash more": {"iss": "http://127.0.0.1/"},
    "code missing": {"code": None},
    "code unknown": {"code": "c" * 27},
}
ERRORS = (
    "access_denied",
    "invalid_scope",
    "invalid_acr",
    "invalid_request",
    "server_error",
    "temporarily_unavailable",
    "<script>alert(1)</script>",
)
FOREIGN = (
    "https://mallory.example/",
    "//mallory.example/",
    "/\\mallory.example/",
    "\\\\mallory.example/",
    "javascript:alert(1)",
    "http:mallory.example",
    "https://testserver@mallory.example/",
    "/\t/mallory.example",
    "///mallory.example",
)


@pytest.mark.parametrize("lie", CALLBACKS.values(), ids=CALLBACKS)
def test_callback(hostile: Provider, site: Site, lie: Claims) -> None:
    hostile.callback = lie
    refused(site.visitor().log_in())


@pytest.mark.parametrize("error", ERRORS)
def test_error_of_the_provider(hostile: Provider, site: Site, error: str) -> None:
    """Each has a sentence; what the provider says beside it is not shown."""
    hostile.callback = {"code": None, "error": error, "error_description": "<b>call 0800 MALLORY</b>"}
    page = refused(site.visitor().log_in())
    assert "MALLORY" not in page
    assert "<script>alert" not in page


def test_error_with_a_state_of_nobody(site: Site) -> None:
    refused(site.visitor().come_back({"error": "access_denied", "state": "s" * 43}))


def test_state_replayed(hostile: Provider, site: Site) -> None:
    """The same callback twice: the second finds nothing, also after logging out."""
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    assert visitor.come_back(params).logged_in
    visitor.log_out()
    refused(visitor.come_back(params))


def test_code_replayed_under_a_new_state(hostile: Provider, site: Site) -> None:
    visitor = site.visitor()
    first = hostile.consent(visitor.begin())
    assert visitor.come_back(first).logged_in
    other = site.visitor()
    second = hostile.consent(other.begin())
    refused(other.come_back({**second, "code": first["code"]}))


def test_code_injected_from_another_session(hostile: Provider, site: Site) -> None:
    """A stolen code that was never used, under the thief's own state: its nonce is not theirs."""
    stolen = hostile.consent(site.visitor().begin())["code"]
    thief = site.visitor()
    refused(thief.come_back({**hostile.consent(thief.begin()), "code": stolen}))


def test_state_of_another_session(hostile: Provider, site: Site) -> None:
    """Log-in CSRF: Mallory's finished callback, slipped to somebody who has begun a log-in too."""
    params = hostile.consent(site.visitor().begin())
    victim = site.visitor()
    victim.begin()
    refused(victim.come_back(params))


def test_state_of_another_session_in_a_fresh_browser(hostile: Provider, site: Site) -> None:
    params = hostile.consent(site.visitor().begin())
    refused(site.visitor().come_back(params))


def test_state_of_another_session_links_nothing(hostile: Provider, site: Site) -> None:
    """Somebody logged in does not get Mallory's identity linked to their account."""
    params = hostile.consent(site.visitor().begin())
    victim = site.visitor()
    person = victim.log_in_as()
    victim.come_back(params)
    assert not person.identities.exists()


def test_mix_up_of_callbacks(hostile: Provider, site: Site) -> None:
    """The answer of one provider brought to the return address of another."""
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    refused(visitor.come_back(params, provider=site.another().slug))
    assert not hostile.posted, "the code went nowhere"


def test_attempt_expires(hostile: Provider, site: Site) -> None:
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    site.let_attempts_expire()
    refused(visitor.come_back(params))


def test_session_is_not_fixed(hostile: Provider, site: Site) -> None:
    """The session that Mallory planted before the log-in is worth nothing after it."""
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    planted = visitor.session_key
    assert visitor.come_back(params).logged_in
    assert visitor.session_key != planted
    mallory = site.visitor()
    mallory.use_session(planted)
    assert not mallory.logged_in


@pytest.mark.parametrize("target", FOREIGN)
def test_open_redirect(hostile: Provider, site: Site, target: str) -> None:
    """Whatever `next` says, one stays on this site."""
    visitor = site.visitor()
    visitor.come_back(hostile.consent(visitor.begin(next=target)))
    assert visitor.logged_in
    assert visitor.left_for == ""
    assert visitor.led_to == "/"


def test_next_of_this_site_works(hostile: Provider, site: Site) -> None:
    visitor = site.visitor()
    visitor.come_back(hostile.consent(visitor.begin(next=reverse("my-data"))))
    assert visitor.led_to == reverse("my-data")


def test_redirect_address_is_ours_whatever_the_host_header(site: Site) -> None:
    """Another name in Host does not send codes elsewhere."""
    asked = parse_qs(urlsplit(site.visitor().begin()).query)
    assert urlsplit(asked["redirect_uri"][0]).path == site.callback


def test_codes_and_tokens_stay_out_of_pages(hostile: Provider, site: Site) -> None:
    """Neither the page after a log-in nor the address that it has shows what the provider sent."""
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    visitor.come_back(params)
    assert params["code"] not in visitor.led_to + visitor.page
    assert "id_token" not in visitor.led_to + visitor.page
