"""The life of a payment, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models


class State(models.TextChoices):
    """Where a payment stands."""

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    SETTLED = "settled"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    WON = "won"
    LOST = "lost"


TRANSITIONS: Final[Mapping[State, tuple[State, ...]]] = {
    State.CREATED: (State.PENDING, State.PAID, State.SETTLED, State.FAILED, State.EXPIRED, State.CANCELLED),
    State.PENDING: (State.PAID, State.SETTLED, State.FAILED, State.EXPIRED, State.CANCELLED),
    State.PAID: (State.SETTLED, State.FAILED, State.REFUNDED, State.DISPUTED),
    State.SETTLED: (State.REFUNDED, State.DISPUTED),
    # A person may pay on an abandoned page after all: money that arrives is never refused a place in the books.
    State.FAILED: (State.PAID, State.SETTLED),
    State.EXPIRED: (State.PAID, State.SETTLED),
    State.CANCELLED: (State.PAID, State.SETTLED),
    State.REFUNDED: (),
    State.DISPUTED: (State.WON, State.LOST),
    State.WON: (State.REFUNDED, State.DISPUTED),
    State.LOST: (),
}
