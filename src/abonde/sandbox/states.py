"""The life of a check-out at the sandbox, as one table, and what is said to whoever leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models

from abonde.core.transitions import NotNow
from abonde.language import mark


class State(models.TextChoices):
    """What became of a check-out, as the provider sees it."""

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


class Choice(models.TextChoices):
    """What a visitor of the hosted pages can do: as payer, as bank, or as merchant at the provider's own desk."""

    PAY = "pay"
    PAY_LATER = "pay_later"
    REFUSE = "refuse"
    ABANDON = "abandon"
    DISPUTE = "dispute"
    WIN = "win"
    LOSE = "lose"
    SEND_BACK = "send_back"


TRANSITIONS: Final[Mapping[State, tuple[State, ...]]] = {
    State.OPEN: (State.PENDING, State.PAID, State.REFUSED, State.ABANDONED),
    State.PENDING: (State.PAID, State.REFUSED),
    State.PAID: (State.REFUNDED, State.DISPUTED),
    State.REFUSED: (),
    # The page stays open in a tab, and whoever left it may come back and pay.
    State.ABANDONED: (State.PAID,),
    State.REFUNDED: (),
    State.DISPUTED: (State.DISPUTE_WON, State.DISPUTE_LOST),
    State.DISPUTE_WON: (State.REFUNDED, State.DISPUTED),
    State.DISPUTE_LOST: (),
}

RESULT: Final[Mapping[Choice, State]] = {
    Choice.PAY: State.PAID,
    Choice.PAY_LATER: State.PENDING,
    Choice.REFUSE: State.REFUSED,
    Choice.ABANDON: State.ABANDONED,
    Choice.DISPUTE: State.DISPUTED,
    Choice.WIN: State.DISPUTE_WON,
    Choice.LOSE: State.DISPUTE_LOST,
    Choice.SEND_BACK: State.REFUNDED,
}

REFUNDABLE: Final = tuple(before for before, after in TRANSITIONS.items() if State.REFUNDED in after)
BEGINNINGS: Final = (State.OPEN, State.PAID)
"""A demonstration brings check-outs that were paid before it began."""

PAID_ONCE: Final = (*REFUNDABLE, State.REFUNDED, State.DISPUTED, State.DISPUTE_LOST)
"""The states in which the money has come in, even if it went back since."""

WHY_NOT: Final[Mapping[State, str]] = {
    State.OPEN: mark("Nothing has been paid on this page yet: choose to pay first."),
    State.PENDING: mark("This payment is on its way: it can only be paid at once, or refused."),
    State.PAID: mark("This is already paid: it can only be contested, or sent back by the merchant."),
    State.REFUSED: mark("This payment was refused, and the page is closed: go back and try again."),
    State.ABANDONED: mark("This page was left without paying: it can still be paid, and nothing else."),
    State.REFUNDED: mark("The merchant has sent this payment back: nothing is left to decide."),
    State.DISPUTED: mark("This payment is contested: first decide who is right."),
    State.DISPUTE_WON: mark(
        "The merchant was right about this payment: it can only be contested again, or sent back."
    ),
    State.DISPUTE_LOST: mark("The payer was right and has the money back: nothing is left to decide."),
}


def choices_in(state: State) -> tuple[Choice, ...]:
    """What a visitor can do with a check-out in that state."""
    return tuple(choice for choice, after in RESULT.items() if after in TRANSITIONS[state])


def not_in(state: State) -> NotNow:
    """Why nothing but what the table lists can be done with a check-out in that state."""
    return NotNow(WHY_NOT[state])
