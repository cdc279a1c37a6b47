"""How this installation shows a provider that it is itself without a shared secret: `private_key_jwt` (RFC 7523)."""

from __future__ import annotations

import json
import secrets
from typing import Final

from joserfc import jwt
from joserfc.jwk import ECKey

from abonde.core.clock import present_time
from abonde.core.sealing import seal, unseal
from abonde.identities.models import Authentication, Provider
from abonde.identities.secret import secret_of

ALGORITHM: Final = "ES256"
TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE: Final = 60
"""Seconds that an assertion is good for."""


def new_private_key() -> bytes:
    """A key pair, sealed; its name is its fingerprint."""
    key = ECKey.generate_key(
        "P-256", parameters={"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True
    )
    return seal(json.dumps(key.as_dict(private=True)).encode())


def public_keys(provider: Provider) -> dict[str, list[dict[str, object]]]:
    """The set of public keys (JWKS) that is declared to the provider; empty where a secret is shared."""
    if not provider.sealed_private_key:
        return {"keys": []}
    return {"keys": [dict(_key(provider).as_dict(private=False))]}


def credentials(provider: Provider, audience: str) -> dict[str, str]:
    """What the token request carries: the secret, or an assertion for this address. Raises ProviderFails."""
    if provider.authentication == Authentication.SECRET:
        return {"client_secret": secret_of(provider)}
    key, now = _key(provider), int(present_time().timestamp())
    claims: dict[str, object] = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(),
        "iat": now,
        "exp": now + LIFE,
    }
    assertion = jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])
    return {"client_assertion_type": TYPE, "client_assertion": assertion}


def _key(provider: Provider) -> ECKey:
    return ECKey.import_key(json.loads(unseal(bytes(provider.sealed_private_key))))
