"""The sandbox as a payment provider: what a merchant's side of it looks like."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from abonde.core.clock import present_time
from abonde.matching.amounts import Cents
from abonde.payments.provider import Forged, Hint, Order, Report, Standing, Started, Unreachable
from abonde.sandbox import actions
from abonde.sandbox.models import Checkout
from abonde.sandbox.queries import checkout_of
from abonde.sandbox.signing import HEADER, signature
from abonde.sandbox.states import State

TOLERANCE: Final = 300
"""Seconds by which a notification's time may differ from ours, on either side."""

LONGEST_EVENT_ID: Final = 200
LONGEST_SECONDS: Final = 12

PAID: Final = f"checkout.{State.PAID}"
"""The type of the notification that almost every payment has."""

STANDING: Final[Mapping[State, Standing]] = {
    State.OPEN: Standing.OPEN,
    State.PENDING: Standing.PENDING,
    State.PAID: Standing.SETTLED,
    State.REFUSED: Standing.FAILED,
    State.ABANDONED: Standing.CANCELLED,
    State.REFUNDED: Standing.SETTLED,
    State.DISPUTED: Standing.DISPUTED,
    State.DISPUTE_WON: Standing.WON,
    State.DISPUTE_LOST: Standing.LOST,
}


class Sandbox:
    """The adapter."""

    name = "sandbox"

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def start(self, order: Order) -> Started:
        """Open a hosted page, or find the one opened under the same key."""
        checkout = actions.open_checkout(
            merchant_reference=order.key,
            label=order.label,
            amount=order.amount,
            return_address=order.return_address,
            notice_address=order.notice_address,
        )
        page = reverse("sandbox-checkout", args=[checkout.pk])
        return Started(reference=str(checkout.pk), address=f"{settings.PUBLIC_URL}{page}")

    def notify(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """Check signature and age of a notification. Raises Forged."""
        seconds, given = _parts(headers.get(HEADER.lower(), ""))
        expected = signature(self._secret, seconds, body)
        if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
            raise Forged("The signature of this notification is not the sandbox’s.")
        if abs(int(present_time().timestamp()) - int(seconds)) > TOLERANCE:
            raise Forged(
                "This notification was signed more than {minutes} minutes away from now: it may be a repetition.",
                minutes=TOLERANCE // 60,
            )
        return _hint(body)

    def fetch(self, reference: str) -> Report:
        """What became of the check-out. Raises Unreachable."""
        checkout = _checkout(reference)
        return Report(
            standing=STANDING[State(checkout.state)],
            amount=Cents(checkout.amount),
            refunded=Cents(checkout.refunded),
            method=checkout.method,
            reason="refused" if checkout.state == State.REFUSED else "",
            paid_at=checkout.paid_at,
        )

    def refund(self, reference: str, *, key: str, amount: Cents) -> None:
        """Send cents back, once per key. Raises Unreachable, and Refusal where the sandbox refuses."""
        actions.refund(checkout_id=_checkout(reference).pk, merchant_key=key, amount=amount)


def _parts(header: str) -> tuple[str, str]:
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    seconds, given = parts.get("t", ""), parts.get("v1", "")
    if not (given and seconds.isascii() and seconds.isdigit() and len(seconds) <= LONGEST_SECONDS):
        raise Forged(
            "This notification bears no readable signature: {header} says when it was signed, and how.",
            header=HEADER,
        )
    return seconds, given


def _hint(body: bytes) -> Hint:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):  # the latter: a thousand brackets
        told = None
    if not isinstance(told, dict):
        told = {}
    event_id, reference = told.get("id"), told.get("checkout")
    if not (
        isinstance(event_id, str) and 0 < len(event_id) <= LONGEST_EVENT_ID and isinstance(reference, str)
    ):
        raise Forged("This notification does not say what happened to which check-out.")
    tells = Standing.SETTLED if told.get("type") == PAID else None
    return Hint(event_id=event_id, reference=reference, tells=tells)


def _checkout(reference: str) -> Checkout:
    try:
        checkout = checkout_of(UUID(reference))
    except ValueError:
        checkout = None
    if checkout is None:
        raise Unreachable("The sandbox knows no check-out {reference}.", reference=reference)
    return checkout
