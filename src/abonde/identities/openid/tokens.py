"""Signed tokens: the algorithm is pinned, the key is one of the provider's, and every claim is looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.util import urlsafe_b64decode

from abonde.core.clock import present_time
from abonde.identities.models import Provider
from abonde.identities.openid.discovery import keys_of
from abonde.identities.refusing import Untrusted

LONGEST: Final = 32_000
LONGEST_SUBJECT: Final = 255
SKEW: Final = 60
"""Seconds by which the provider's clock may differ."""
FRESH: Final = 600
"""Seconds since a token was made: it comes straight from the provider."""

Claims = Mapping[str, object]


def read_token(token: object, *, provider: Provider, for_us: bool = True) -> Claims:
    """The claims, signed by the provider for us, now. Raises Untrusted, and ProviderFails if its keys cannot be had.

    An access token is `for_us` no more than for others: its `aud` is whom it may be shown to.
    """
    if not isinstance(token, str) or len(token) > LONGEST:
        raise _untrusted()
    header = _header(token)
    if header.get("alg") != provider.algorithm or "crit" in header:
        raise _untrusted()
    try:
        claims = jwt.decode(token, _key(header, provider), algorithms=[provider.algorithm]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise _untrusted() from error
    _check(claims, provider, for_us=for_us)
    return claims


def _header(token: str) -> dict[str, object]:
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    except (ValueError, RecursionError) as error:
        raise _untrusted() from error
    if not isinstance(header, dict):
        raise _untrusted()
    return header


def _key(header: Mapping[str, object], provider: Provider) -> Key:
    """The key that the header names by `kid`, or the only one of the pinned algorithm; nothing else is looked up."""
    kind = ECKey if provider.algorithm.startswith("ES") else RSAKey
    named = header.get("kid")
    if named is not None and not isinstance(named, str):
        raise _untrusted()
    fitting = [
        key
        for key in keys_of(provider, wanted=named or "")
        if key.get("kty") == kind.key_type
        and key.get("use", "sig") == "sig"
        and key.get("alg", provider.algorithm) == provider.algorithm
        and (named is None or key.get("kid") == named)
    ]
    if len(fitting) != 1:
        raise _untrusted()
    return kind.import_key({name: str(value) for name, value in fitting[0].items() if isinstance(value, str)})


def _check(claims: Claims, provider: Provider, *, for_us: bool) -> None:
    now = int(present_time().timestamp())
    expires, made = claims.get("exp"), claims.get("iat")
    subject = claims.get("sub")
    if (
        claims.get("iss") != provider.issuer
        or (for_us and claims.get("aud") not in (provider.client_id, [provider.client_id]))
        or claims.get("azp", provider.client_id) != provider.client_id
        or type(expires) is not int
        or expires <= now - SKEW
        or type(made) is not int
        or not now - FRESH <= made <= now + SKEW
        or not isinstance(subject, str)
        or not 0 < len(subject) <= LONGEST_SUBJECT
    ):
        raise _untrusted()


def _untrusted() -> Untrusted:
    return Untrusted(
        "The log-in provider’s answer does not prove who you are: begin again from the log-in page."
    )
