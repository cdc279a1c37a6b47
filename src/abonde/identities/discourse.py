"""DiscourseConnect, with a Discourse forum as the provider: one signed question, one signed answer.

Both are a query string in base64 under HMAC-SHA-256 with a secret that the forum and Abonde share. The forum knows its
members by `external_id`; their e-mail addresses and names are not read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from abonde.identities.attempts import come_back, leave
from abonde.identities.models import Provider
from abonde.identities.openid.fetching import is_safe
from abonde.identities.proof import Proof
from abonde.identities.refusing import LogInRefused, ProviderFails, Untrusted
from abonde.identities.secret import secret_of
from abonde.people.models import Person

PAGE: Final = "/session/sso_provider"
LONGEST: Final = 8_000
"""Characters of an answer: a browser brings it in an address."""
LONGEST_SUBJECT: Final = 255


def begin(
    *,
    provider: Provider,
    browser: str,
    return_to: str,
    next: str = "",  # noqa: A002
    linking: Person | None = None,
) -> str:
    """The forum's address to which the browser goes; as `abonde.identities.openid.flow.begin`."""
    forum, secret = provider.issuer.rstrip("/"), secret_of(provider)
    if not is_safe(forum):
        raise ProviderFails(
            "The log-in provider names an address that is not safe: use another way to log in."
        )
    nonce, _underway = leave(provider=provider, browser=browser, next=next, linking=linking)
    payload = base64.b64encode(urlencode({"nonce": nonce, "return_sso_url": return_to}).encode()).decode()
    return f"{forum}{PAGE}?{urlencode({'sso': payload, 'sig': signature(payload, secret)})}"


def complete(*, provider: Provider, browser: str, return_to: str, answer: Mapping[str, str]) -> Proof:
    """Who came back, from the parameters of the callback. Raises LogInRefused with a sentence for the person."""
    said = _read(answer.get("sso", ""), answer.get("sig", ""), secret_of(provider))
    underway, linking = come_back(provider=provider, browser=browser, state=said.get("nonce", ""))
    if said.get("return_sso_url", return_to) != return_to:
        raise Untrusted("The forum’s answer was meant for another site: begin again from the log-in page.")
    subject = said.get("external_id", "")
    if said.get("failed") == "true" or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise LogInRefused("The forum did not say who you are: log in there first, then begin again.")
    groups = tuple(filter(None, said.get("groups", "").split(",")))
    return Proof(provider=provider, subject=subject, next=underway.next, linking=linking, roles=groups)


def signature(payload: str, secret: str) -> str:
    """HMAC-SHA-256 in hexadecimal."""
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def _read(payload: str, sig: str, secret: str) -> dict[str, str]:
    """What the forum signed. Raises Untrusted."""
    if len(payload) > LONGEST or not hmac.compare_digest(sig.encode(), signature(payload, secret).encode()):
        raise Untrusted(
            "The forum’s answer is not signed with the secret that it shares with this site: "
            "begin again from the log-in page."
        )
    try:
        return dict(parse_qsl(base64.b64decode(payload).decode(), keep_blank_values=True))
    except (binascii.Error, ValueError) as error:
        raise Untrusted("The forum’s answer cannot be read: begin again from the log-in page.") from error
