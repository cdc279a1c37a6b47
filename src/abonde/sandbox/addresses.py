"""To whom the sandbox speaks: to this machine and to this installation, never to anybody else."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from abonde.matching.refusal import Refusal

PORTS = {"http": 80, "https": 443}


class ForeignAddress(Refusal):
    """An address outside this installation, to which the sandbox sends neither people nor notifications."""


def require_own_address(address: str) -> SplitResult:
    """The address in its parts. Raises ForeignAddress unless it is on this machine or on the site's own server."""
    try:
        parts = urlsplit(address)
        own = urlsplit(settings.PUBLIC_URL)
        is_ours = parts.scheme in PORTS and (_is_loopback(parts) or _server(parts) == _server(own))
    except ValueError:  # a port that is no number, a bracket that is never closed
        is_ours = False
    if not is_ours or "@" in parts.netloc:
        raise ForeignAddress("The sandbox speaks only to this site, never to {address}.", address=address)
    return parts


def _server(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def _is_loopback(parts: SplitResult) -> bool:
    _ = parts.port  # raises where it is no number
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
