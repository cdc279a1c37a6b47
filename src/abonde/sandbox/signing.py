"""How the sandbox signs its notifications: `Sandbox-Signature: t=<Unix seconds>,v1=<hexadecimal HMAC-SHA-256>`."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

HEADER: Final = "Sandbox-Signature"


def signature(secret: str, seconds: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA-256 of `seconds.body` under the merchant's secret."""
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(secret: str, at: datetime, body: bytes) -> str:
    """The value of the header for a notification sent at that instant."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={signature(secret, seconds, body)}"
