"""Telling the merchant what happened: signed notifications, late, twice, in the wrong order or never if so wished."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from abonde.core.clock import present_time, transaction_time
from abonde.core.prepared import insert_row, prepared, update_row
from abonde.matching.refusal import Refusal
from abonde.sandbox import tasks
from abonde.sandbox.addresses import require_own_address
from abonde.sandbox.models import Checkout, Delivery, Happening, Manner
from abonde.sandbox.signing import HEADER, signed
from abonde.sandbox.states import State

PATIENCE: Final = 10
"""Seconds that the merchant has to answer."""

SUCCESS: Final = range(200, 300)


class Undelivered(Refusal):
    """The merchant did not take a notification; it is tried again."""


def happened(checkout: Checkout, what: State) -> Happening:
    """Write down what happened, and send the merchant word of it in the check-out's manner. Needs a transaction."""
    last = _last.first(checkout.pk) or 0
    happening = Happening(checkout=checkout, number=last + 1, what=what)
    insert_row(happening)
    match Manner(checkout.manner):
        case Manner.AT_ONCE:
            _send(happening)
        case Manner.LATE:
            _send(happening, after=checkout.delay)
        case Manner.TWICE:
            _send(happening)
            _send(happening)
        case Manner.OUT_OF_ORDER:
            _send(happening)
            if before := checkout.happenings.filter(number=last).first():
                _send(before, after=checkout.delay)
        case Manner.NEVER:
            pass
    return happening


@prepared
def _due(delivery: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery, delivered_at=None).select_related("happening__checkout")


@prepared
def _last(checkout: UUID) -> QuerySet[Happening, int]:
    return (
        Happening.objects.filter(checkout=checkout).order_by("-number").values_list("number", flat=True)[:1]
    )


def deliver(*, delivery_id: int) -> None:
    """Post a notification to the merchant, who has taken it once they answer 2xx. Raises Undelivered, ForeignAddress."""
    delivery = _due.first(delivery_id)
    if delivery is None:
        return
    answer = _post(delivery.happening)
    delivery.attempts, delivery.answer = delivery.attempts + 1, answer
    delivery.delivered_at = present_time() if answer in SUCCESS else None
    update_row(delivery, "attempts", "answer", "delivered_at")
    if answer not in SUCCESS:
        raise Undelivered(
            "The merchant did not take the notification (answer: {answer}).", answer=answer or "–"
        )


def body_of(happening: Happening) -> bytes:
    """What is posted: the notification's own id, what happened, and to which check-out."""
    return json.dumps(
        {"id": str(happening.pk), "type": str(happening), "checkout": str(happening.checkout_id)}
    ).encode()


def _send(happening: Happening, *, after: timedelta = timedelta(0)) -> None:
    due_at = transaction_time() + after
    delivery = Delivery(happening=happening, due_at=due_at)
    insert_row(delivery)
    tasks.deliver.configure(schedule_at=due_at).defer(delivery=delivery.pk)


def _post(happening: Happening) -> int | None:
    """The status that the merchant answered; None for none. Redirections are not followed."""
    parts = require_own_address(happening.checkout.notice_address)
    body = body_of(happening)
    headers = {
        "Content-Type": "application/json",
        HEADER: signed(settings.SANDBOX_SECRET, present_time(), body),
    }
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request("POST", parts._replace(scheme="", netloc="", fragment="").geturl(), body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
