"""Passkeys with a real browser, whose authenticator is made of software: under our policy without inline scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from pytest_django.live_server_helper import LiveServer

from abonde.notifications.models import Letter
from abonde.people.models import Person
from abonde.rounds.states import State
from tests.factories import a_round, an_organisation, unique

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def site(database: None) -> Iterator[str]:
    """The address of a server for this test."""
    cache.clear()
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def with_authenticator(desk: Page) -> Page:
    """A desk whose computer holds passkeys and recognises its person at once."""
    devices = desk.context.new_cdp_session(desk)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**device, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return desk


def test_a_passkey_is_added_used_to_log_in_renamed_and_removed(with_authenticator: Page, site: str) -> None:
    page, address, troubles = with_authenticator, f"{unique('pass')}@example.org", list[str]()
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(f"{site}/compte/connexion/?next=/compte/securite/")
    page.locator("input[name=email]").fill(address)
    page.locator("main form[action='/compte/connexion/'] button").click()
    code = Letter.objects.get(address=address).values["code"]
    page.locator("input[name=code]").fill(code)
    page.locator(".code-form button").click()
    assert page.url == f"{site}/compte/securite/"

    page.locator("a[href='/compte/securite/cles/ajouter/']").click()
    page.locator("input[name=name]").fill("Mon ordinateur")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(re.compile("/compte/securite/codes/"))
    key = Authenticator.objects.get(user=Person.objects.get(email=address), type="webauthn")
    assert key.wrap().is_passwordless

    page.context.clear_cookies()
    page.goto(f"{site}/compte/connexion/?next=/mon-compte/")
    page.locator("#passkey_login").click()
    page.wait_for_url(f"{site}/mon-compte/")

    draft = a_round(state=State.DRAFT, host=an_organisation(manager=Person.objects.get(email=address)))
    page.goto(f"{site}/espace/{draft.host.slug}/campagnes/{draft.slug}/ouvrir/")
    assert page.locator("main form button").count()
    assert not page.locator("main input[name=code]").count()  # the passkey was proof enough

    page.goto(f"{site}/compte/securite/cles/{key.pk}/")
    page.locator("#mfa_webauthn_reauthenticate").click()
    page.wait_for_url(f"{site}/compte/securite/cles/{key.pk}/")
    page.locator("input[name=name]").fill("Mon téléphone")
    page.locator("main form .button").first.click()
    page.wait_for_url(f"{site}/compte/securite/")
    assert "Mon téléphone" in page.content()
    page.goto(f"{site}/compte/securite/cles/{key.pk}/retirer/")
    page.locator("main .button--danger").click()
    page.wait_for_url(f"{site}/compte/securite/")
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert troubles == []
