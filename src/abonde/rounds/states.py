"""The life of a round, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models


class State(models.TextChoices):
    """Where a round stands."""

    DRAFT = "draft"
    APPLICATIONS = "applications"
    SELECTION = "selection"
    GIVING = "giving"
    CLOSED = "closed"
    PROVISIONAL = "provisional"
    FINAL = "final"
    PAYING_OUT = "paying_out"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    CALLED_OFF = "called_off"


TRANSITIONS: Final[Mapping[State, tuple[State, ...]]] = {
    State.DRAFT: (State.APPLICATIONS, State.CANCELLED),
    State.APPLICATIONS: (State.SELECTION, State.GIVING, State.CALLED_OFF),
    State.SELECTION: (State.GIVING, State.CALLED_OFF),
    State.GIVING: (State.CLOSED, State.CALLED_OFF),
    State.CLOSED: (State.PROVISIONAL, State.CALLED_OFF),
    State.PROVISIONAL: (State.FINAL, State.CALLED_OFF),
    State.FINAL: (State.PAYING_OUT,),
    State.PAYING_OUT: (State.ARCHIVED,),
    State.ARCHIVED: (),
    State.CANCELLED: (),
    State.CALLED_OFF: (),
}
"""A draft is given up (cancelled), unseen; a round that had opened is called off, and its page says why."""

JOINED_IN: Final = frozenset({State.DRAFT, State.APPLICATIONS, State.SELECTION, State.GIVING})
"""The states in which a further funder may still join."""

PUBLIC: Final = frozenset(State) - {State.DRAFT, State.CANCELLED}
"""The states in which anyone may see the round."""
