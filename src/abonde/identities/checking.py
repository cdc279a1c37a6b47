"""Asking a provider for everything that a log-in needs before anybody tries, and saying what is wrong and who mends it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.identities.models import Authentication, Kind, Provider
from abonde.identities.openid.fetching import LARGEST, PATIENCE, fetch, is_safe
from abonde.identities.openid.flow import SIGNS_USERINFO
from abonde.identities.refusing import ProviderFails
from abonde.matching.refusal import Refusal

SHORTEST_SECRET: Final = 10
"""Characters: Discourse takes no shorter one."""
DISCOVERY: Final = "/.well-known/openid-configuration"
FORUM: Final = "/site/basic-info.json"
NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
KEY_TYPES: Final = {"ES": "EC", "RS": "RSA", "PS": "RSA"}

Said = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what is wrong with it."""

    what: str | Promise
    wrong: Refusal | None = None


def findings_on(provider: Provider) -> list[Finding]:
    """What was looked at, in order; what could not be looked at for want of an earlier one is left out."""
    return [
        *_credentials(provider),
        *(_forum(provider) if provider.kind == Kind.DISCOURSE else _openid(provider)),
    ]


def faults_of(provider: Provider) -> list[Refusal]:
    """What is wrong only."""
    return [finding.wrong for finding in findings_on(provider) if finding.wrong is not None]


def _credentials(provider: Provider) -> Iterator[Finding]:
    if provider.authentication == Authentication.KEY:
        return
    secret, wrong = os.environ.get(provider.secret_variable, ""), None
    if not secret:
        wrong = Refusal(
            "The environment variable {variable} is not set: whoever runs this site writes the secret there, for the web "
            "server and for the worker, and starts both again.",
            variable=provider.secret_variable,
        )
    elif provider.kind == Kind.DISCOURSE and len(secret) < SHORTEST_SECRET:
        wrong = Refusal(
            "The secret in {variable} is too short: Discourse wants at least {least} characters.",
            variable=provider.secret_variable,
            least=SHORTEST_SECRET,
        )
    yield Finding(_("The secret"), wrong)


def _forum(provider: Provider) -> Iterator[Finding]:
    _content, wrong = _fetched(provider.issuer.rstrip("/") + FORUM)
    yield Finding(_("The forum’s answer"), wrong)


def _openid(provider: Provider) -> Iterator[Finding]:
    said, wrong = _fetched(provider.issuer.rstrip("/") + DISCOVERY)
    yield Finding(_("The provider’s answer"), wrong)
    if wrong is not None:
        return
    yield Finding(_("Its own name"), _same_issuer(said, provider))
    unsafe = _unsafe(said)
    yield Finding(_("Its addresses"), unsafe)
    yield Finding(_("Its signature"), _algorithm(said, provider))
    yield Finding(_("How we show who we are"), _authentication(said, provider))
    if unsafe is None:
        yield Finding(_("Its keys"), _keys(said, provider))


def _fetched(address: str) -> tuple[Said, Refusal | None]:
    try:
        return fetch(address).as_object(), None
    except ProviderFails as failure:
        cause = failure.__cause__
    if isinstance(cause, httpx.TimeoutException):
        wrong = Refusal(
            "{address} does not answer within {seconds} seconds: ask whoever runs it, or whether a firewall stands between.",
            address=address,
            seconds=int(PATIENCE),
        )
    elif isinstance(cause, httpx.HTTPError):
        wrong = Refusal(
            "No connection to {address}: check the address for typing mistakes, and its certificate.",
            address=address,
        )
    else:
        wrong = Refusal(
            "{address} answers, but not as it should (a JSON page of at most {size} KiB, without being sent on): check the "
            "address; for a realm of Keycloak it ends with /realms/ and the realm’s name.",
            address=address,
            size=LARGEST // 1024,
        )
    return {}, wrong


def _same_issuer(said: Said, provider: Provider) -> Refusal | None:
    if said.get("issuer") == provider.issuer:
        return None
    return Refusal(
        "It calls itself {said}, and here stands {written}: both must be the same to the letter, up to a slash at the end.",
        said=str(said.get("issuer", "–"))[:200],
        written=provider.issuer,
    )


def _unsafe(said: Said) -> Refusal | None:
    bad = [name for name in NEEDED if not is_safe(said.get(name))]
    if not bad:
        return None
    return Refusal(
        "It gives no https address for {names}: whoever runs it has to mend that.", names=", ".join(bad)
    )


def _algorithm(said: Said, provider: Provider) -> Refusal | None:
    lists = ["id_token_signing_alg_values_supported"]
    if provider.kind in SIGNS_USERINFO:
        lists.append("userinfo_signing_alg_values_supported")
    for name in lists:
        offered = said.get(name)
        if isinstance(offered, list) and provider.algorithm not in offered:
            return Refusal(
                "It does not offer the signature {algorithm}, but {offered}: choose one of these here, and the same one there.",
                algorithm=provider.algorithm,
                offered=", ".join(map(str, offered))[:200],
            )
    return None


def _authentication(said: Said, provider: Provider) -> Refusal | None:
    offered = said.get("token_endpoint_auth_methods_supported")
    if not isinstance(offered, list) or provider.authentication in offered:
        return None
    return Refusal(
        "It does not take {method}, but {offered}: choose the other way to show who we are.",
        method=provider.authentication,
        offered=", ".join(map(str, offered))[:200],
    )


def _keys(said: Said, provider: Provider) -> Refusal | None:
    answer, wrong = _fetched(str(said["jwks_uri"]))
    if wrong is not None:
        return wrong
    keys = answer.get("keys")
    fitting = [
        key
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict)
        and key.get("kty") == KEY_TYPES[provider.algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", provider.algorithm) == provider.algorithm
    ]
    if fitting:
        return None
    return Refusal(
        "It publishes no key for the signature {algorithm}: choose another one, or ask whoever runs it.",
        algorithm=provider.algorithm,
    )
