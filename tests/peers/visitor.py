"""Somebody's browser at Abonde, on the way through a provider and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse

from abonde.identities.accounts import new_subject_key
from abonde.identities.models import LIFE_OF_ATTEMPT, Attempt, Kind, Provider
from abonde.people.models import Person
from tests.factories import a_person, an_organisation, unique
from tests.openid_peers import Peer
from tests.peers.hostile import Provider as Hostile

SENTENCE: Final = re.compile(r'class="notice notice--(?:danger|warning)[^"]*"[^>]*>(.*?)</div>', re.DOTALL)
SECRET_VARIABLE: Final = "ABONDE_TEST_PROVIDER_SECRET"
TAGS: Final = re.compile(r"<[^>]+>")
MOST_STEPS: Final = 5
OURS: Final = {"testserver", urlsplit(settings.PUBLIC_URL).netloc}


@dataclass
class Site:
    """Abonde with one provider, which `hostile` or `peer` plays."""

    row: Provider
    hostile: Hostile | None = None
    peer: Peer | None = None

    def visitor(self) -> Visitor:
        return Visitor(self)

    @property
    def callback(self) -> str:
        return reverse("identity-callback", args=[self.row.slug])

    def another(self) -> Provider:
        """A second provider of this installation, by the same software."""
        return a_provider(Kind.FRANCECONNECT, self.row.issuer + "/other", algorithm="ES256")

    def let_attempts_expire(self) -> None:
        """As if ten minutes had gone by."""
        Attempt.objects.filter(provider=self.row).update(began_at=F("began_at") - LIFE_OF_ATTEMPT)

    def consent(self, address: str, said: Mapping[str, str]) -> dict[str, str]:
        """What the provider sends the browser back with."""
        if self.hostile is not None:
            return self.hostile.consent(address)
        return parameters_of(self.peer_of().leave_by(address, **said))

    def peer_of(self) -> Peer:
        assert self.peer is not None
        return self.peer


@dataclass
class Visitor:
    """One browser. `led_to` is the last address of ours, `page` what it showed."""

    site: Site
    client: Client = field(default_factory=lambda: Client(headers={"accept-language": "en"}))
    led_to: str = ""
    left_for: str = ""
    """Where the callback led away from this site, which it should not."""
    page: str = ""
    status: int = 0

    def log_in(self, account: str = "", **said: str) -> Self:
        """All the way, unless it ends before one leaves."""
        if address := self.begin():
            said |= {"account": account} if account else {}
            self.come_back(self.site.consent(address, said))
        return self

    def begin(self, *, next: str = "") -> str:  # noqa: A002
        """Choose the provider; gives its address to which the browser goes, or "" if one stays here."""
        path = reverse("identity-begin", args=[self.site.row.slug])
        return self._follow(self.client.get(path, {"next": next} if next else {}))

    def come_back(self, params: Mapping[str, str], *, provider: str = "") -> Self:
        """The callback, and where it leads to."""
        path = reverse("identity-callback", args=[provider]) if provider else self.site.callback
        self.left_for = self._follow(self.client.get(path, params))
        return self

    def log_out(self) -> None:
        self.client.logout()

    def log_in_as(self, person: Person | None = None) -> Person:
        """Logged in before, in another way."""
        person = person or a_person()
        self.client.force_login(person, settings.AUTHENTICATION_BACKENDS[0])
        return person

    @property
    def person(self) -> Person | None:
        """Who is logged in."""
        key = self.client.session.get("_auth_user_id")
        return Person.objects.get(pk=key) if key else None

    @property
    def logged_in(self) -> bool:
        return self.person is not None

    @property
    def session_key(self) -> str:
        return self.client.session.session_key or ""

    def use_session(self, key: str) -> None:
        self.client.cookies[settings.SESSION_COOKIE_NAME] = key

    def _follow(self, response: HttpResponseBase) -> str:
        """Redirects on this site are followed; the first that leaves it is given."""
        for _ in range(MOST_STEPS):
            self.status = response.status_code
            if response.status_code not in {301, 302, 303, 307}:
                assert isinstance(response, HttpResponse)
                self.page = response.content.decode()
                return ""
            target = urlsplit(response.headers["location"])
            if target.netloc and target.netloc not in OURS:
                return target.geturl()
            self.led_to = target._replace(scheme="", netloc="").geturl()
            response = self.client.get(self.led_to)
        raise AssertionError(f"led around in circles, lastly to {self.led_to}")


def parameters_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(address).query))


def a_provider(kind: Kind, issuer: str, *, slug: str = "", **columns: object) -> Provider:
    """A provider's row, of an organisation of its own."""
    values: dict[str, object] = {
        "client_id": "abonde",
        "secret_variable": SECRET_VARIABLE,
        "label": f"Log in with {kind.label}",
        "sealed_key": new_subject_key(),
        **columns,
    }
    return Provider.objects.create(
        organisation=an_organisation(), slug=slug or unique("provider"), kind=kind, issuer=issuer, **values
    )


def refused(visitor: Visitor) -> str:
    """Nobody is logged in, and the page says so in a sentence; gives the page."""
    assert visitor.person is None
    assert visitor.status < 500, visitor.status
    said = SENTENCE.search(visitor.page)
    assert said is not None, visitor.page
    sentence = TAGS.sub("", said[1]).strip()
    assert sentence.endswith("."), sentence
    return visitor.page
