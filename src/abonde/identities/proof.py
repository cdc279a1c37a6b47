"""What a provider has proved, as long as a request lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from abonde.identities.models import Provider
from abonde.people.models import Person


@dataclass(frozen=True)
class Proof:
    """Who came. Nothing of it may be stored or logged but what `accounts` keeps: a keyed hash."""

    provider: Provider
    subject: str = field(repr=False)
    next: str
    linking: Person | None
    claims: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Of the signed userinfo, for a claim of an entry; to be dropped after it."""
    roles: tuple[str, ...] = ()
    id_token: str = field(default="", repr=False)
    """For the provider's log-out; stays in the server's session."""
