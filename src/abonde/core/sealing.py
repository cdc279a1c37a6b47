"""Secrets that the database keeps without being able to read them: sealed by the installation's keys."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from abonde.matching.refusal import Refusal


def seal(secret: bytes) -> bytes:
    """The secret under the newest key of ABONDE_SEALING_KEYS (Fernet: AES-128-CBC and HMAC-SHA-256)."""
    return _keys().encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """What was sealed under any of the installation's keys. Raises Refusal if none of them opens it."""
    try:
        return _keys().decrypt(bytes(sealed))
    except InvalidToken as error:
        raise Refusal(
            "None of the keys in ABONDE_SEALING_KEYS opens what an earlier one sealed: add the former key after a comma."
        ) from error


def reseal(sealed: bytes) -> bytes | None:
    """The same secret under the newest key; nothing if that one opens it already. Raises Refusal like `unseal`."""
    try:
        _key(settings.SEALING_KEYS[0]).decrypt(bytes(sealed))
    except InvalidToken:
        return seal(unseal(sealed))
    return None


def _keys() -> MultiFernet:
    return MultiFernet([_key(key) for key in settings.SEALING_KEYS])


def _key(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
