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


TRANSITIONS: Final[Mapping[State, tuple[State, ...]]] = {
    State.DRAFT: (State.APPLICATIONS, State.CANCELLED),
    State.APPLICATIONS: (State.SELECTION, State.GIVING, State.CANCELLED),
    State.SELECTION: (State.GIVING, State.CANCELLED),
    State.GIVING: (State.CLOSED,),
    State.CLOSED: (State.PROVISIONAL,),
    State.PROVISIONAL: (State.FINAL,),
    State.FINAL: (State.PAYING_OUT,),
    State.PAYING_OUT: (State.ARCHIVED,),
    State.ARCHIVED: (),
    State.CANCELLED: (),
}

JOINED_IN: Final = frozenset({State.DRAFT, State.APPLICATIONS, State.SELECTION, State.GIVING})
"""The states in which a further funder may still join."""

PUBLIC: Final = frozenset(State) - {State.DRAFT, State.CANCELLED}
"""The states in which anyone may see the round."""
