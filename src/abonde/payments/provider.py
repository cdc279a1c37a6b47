"""What Abonde asks of a payment provider: four verbs. A notification is a hint; what counts is what `fetch` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal


class Standing(StrEnum):
    """Where a payment stands at its provider."""

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    SETTLED = "settled"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be paid: `key` is our name for the attempt, by which it is never started twice; cents; addresses."""

    key: str
    label: str
    amount: Cents
    return_address: str
    notice_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The provider's name for the attempt, and the page on which the person pays."""

    reference: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A notification that is the provider's own: its name, and the attempt that it speaks of.

    `tells` is where the attempt stands by its words, if it says so: good enough to see that it says nothing new, never more.
    """

    event_id: str
    reference: str
    tells: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the provider says about an attempt (cents; UTC). `refunded` is all that went back so far."""

    standing: Standing
    amount: Cents
    refunded: Cents = Cents(0)
    method: str = ""
    reason: str = ""
    paid_at: datetime | None = None


class Forged(Refusal):
    """A notification that is not the provider's, or too old to be told from a repetition."""


class Unreachable(Refusal):
    """The provider does not answer, or not as it should; asking again later is right."""


class Provider(Protocol):
    """An adapter. Each verb may be repeated: the provider's keys make it the same deed."""

    name: str

    def start(self, order: Order) -> Started:
        """Begin an attempt, or find the one begun under the same key. Raises Unreachable."""
        ...

    def notify(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """Check that a notification is the provider's. Header names are in lower case. Raises Forged."""
        ...

    def fetch(self, reference: str) -> Report:
        """Ask for the truth. Raises Unreachable."""
        ...

    def refund(self, reference: str, *, key: str, amount: Cents) -> None:
        """Send cents back, once per key. Raises Unreachable, and Refusal where the provider refuses."""
        ...
