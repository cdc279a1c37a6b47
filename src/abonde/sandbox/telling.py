"""Telling the merchant what happened: signed notifications, late, twice, in the wrong order or never if so wished."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import SplitResult
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from abonde.core.alone import alone
from abonde.core.clock import present_time
from abonde.core.prepared import insert_row, prepared, update_row
from abonde.sandbox.addresses import ForeignAddress, require_own_address
from abonde.sandbox.models import Checkout, Delivery, Happening, Manner
from abonde.sandbox.signing import HEADER, signed
from abonde.sandbox.states import State

PATIENCE: Final = 10
"""Seconds that the merchant has to answer."""

SUCCESS: Final = range(200, 300)

TRIES: Final = 10
"""How often a merchant is told, ever more slowly; the last time comes a quarter of an hour after the first."""

AT_ONCE: Final = 8
LOOKED_UP: Final = 100


@dataclass(frozen=True, slots=True)
class Sealed:
    """A notification as it is posted: where, what, and the signature by which it is known."""

    address: SplitResult
    body: bytes
    signature: str


def happened(checkout: Checkout, what: State, now: datetime) -> Happening:
    """Write down what happened (UTC), and send the merchant word of it in the check-out's manner. Needs a transaction."""
    last = _last.first(checkout.pk) or 0
    happening = Happening(checkout=checkout, number=last + 1, what=what)
    insert_row(happening)
    match Manner(checkout.manner):
        case Manner.AT_ONCE:
            _send(happening, now)
        case Manner.LATE:
            _send(happening, now + checkout.delay)
        case Manner.TWICE:
            _send(happening, now)
            _send(happening, now)
        case Manner.OUT_OF_ORDER:
            _send(happening, now)
            if before := checkout.happenings.filter(number=last).first():
                _send(before, now + checkout.delay)
        case Manner.NEVER:
            pass
    return happening


@prepared
def _last(checkout: UUID) -> QuerySet[Happening, int]:
    return (
        Happening.objects.filter(checkout=checkout).order_by("-number").values_list("number", flat=True)[:1]
    )


def deliver_due() -> None:
    """Post every notification that is due to its merchant, who has taken it once they answer 2xx; others are tried again.

    One job for all, for many pay at once: what a provider tells should cost the platform no more than hearing it.
    """
    with alone("post notifications") as first:
        while first and (due := _due(present_time())):
            sealed = [_sealed(delivery.happening) for delivery in due]
            with ThreadPoolExecutor(AT_ONCE) as postmen:
                for delivery, answer in zip(due, postmen.map(_post, sealed), strict=True):
                    _note(delivery, answer)


def _note(delivery: Delivery, answer: int | None) -> None:
    now = present_time()
    delivery.attempts, delivery.answer = delivery.attempts + 1, answer
    if answer in SUCCESS:
        delivery.delivered_at = now
    else:
        delivery.due_at = now + timedelta(seconds=2**delivery.attempts)
    update_row(delivery, "attempts", "answer", "delivered_at", "due_at")


@prepared
def _due(now: datetime) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(delivered_at=None, attempts__lt=TRIES, due_at__lte=now)
    return rows.select_related("happening__checkout").order_by("due_at", "pk")[:LOOKED_UP]


def body_of(happening: Happening) -> bytes:
    """What is posted: the notification's own id, what happened, and to which check-out."""
    return json.dumps(
        {"id": str(happening.pk), "type": str(happening), "checkout": str(happening.checkout_id)}
    ).encode()


def _send(happening: Happening, due_at: datetime) -> None:
    insert_row(Delivery(happening=happening, due_at=due_at))


def _sealed(happening: Happening) -> Sealed | None:
    """A notification as it is posted; None where its address has become somebody else's."""
    try:
        address = require_own_address(happening.checkout.notice_address)
    except ForeignAddress:
        return None
    body = body_of(happening)
    return Sealed(address, body, signed(settings.SANDBOX_SECRET, present_time(), body))


def _post(sealed: Sealed | None) -> int | None:
    """The status that the merchant answered; None for none. Redirections are not followed. Asks the database nothing."""
    if sealed is None:
        return None
    parts = sealed.address
    headers = {"Content-Type": "application/json", HEADER: sealed.signature}
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        path = parts._replace(scheme="", netloc="", fragment="").geturl()
        connection.request("POST", path, sealed.body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
