"""What a provider's addresses answer, within limits of size and time."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from abonde.identities.refusing import ProviderFails

LARGEST: Final = 512 * 1024
"""Bytes of an answer."""
PATIENCE: Final = 8.0
"""Seconds for a whole answer; a page waits for it."""
SILENCE: Final = 4.0
"""Seconds without a byte."""
LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Fetched:
    """A good answer."""

    type: str
    body: bytes

    def as_object(self) -> dict[str, object]:
        """The JSON object. Raises ProviderFails."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise _broken() from error
        if not isinstance(content, dict):
            raise _broken()
        return content


def fetch(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Fetched:
    """GET, or POST where there is a form; no redirect is followed. Raises ProviderFails."""
    if not is_safe(address):
        raise ProviderFails(
            "The log-in provider names an address that is not safe: use another way to log in."
        )
    end = time.monotonic() + PATIENCE
    sent = {"accept-encoding": "identity", "accept": "application/json, application/jwt", **(headers or {})}
    try:
        with (
            httpx.Client(
                verify=_authorities(), timeout=SILENCE, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("GET" if form is None else "POST", address, data=form, headers=sent) as answer,
        ):
            if answer.status_code != httpx.codes.OK or "content-encoding" in answer.headers:
                raise _broken()
            return Fetched(answer.headers.get("content-type", ""), _body(answer, end))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderFails(
            "The log-in provider cannot be reached at the moment: try again in a few minutes, or use another way."
        ) from error


def is_safe(address: object) -> bool:
    """Whether it is an https address, or one of this machine where no production runs."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (
        not settings.PRODUCTION and parts.scheme == "http" and host in LOOPBACK
    )


@cache
def _authorities() -> ssl.SSLContext:
    """Whom we believe about https addresses; reading them takes longer than asking."""
    return httpx.create_ssl_context(trust_env=False)


def _body(answer: httpx.Response, end: float) -> bytes:
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > LARGEST or time.monotonic() > end:
            raise _broken()
    return bytes(body)


def _broken() -> ProviderFails:
    return ProviderFails(
        "The log-in provider does not answer as it should: try again in a few minutes, or use another way."
    )
