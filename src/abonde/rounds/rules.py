"""Decisions about rounds that need no database."""

from __future__ import annotations

from datetime import datetime

from abonde.rounds.calendar import Calendar
from abonde.rounds.models import Round
from abonde.rounds.states import State


def calendar_of(round: Round) -> Calendar:  # noqa: A002  (the word of the domain)
    """The dates of the round."""
    return Calendar(
        applications_open_at=round.applications_open_at,
        applications_close_at=round.applications_close_at,
        giving_opens_at=round.giving_opens_at,
        giving_closes_at=round.giving_closes_at,
        objection_days=round.objection_days,
    )


def next_by_clock(round: Round, at: datetime) -> State | None:  # noqa: A002
    """The state into which the clock moves the round at that instant (UTC), if it does."""
    match State(round.state):
        case State.APPLICATIONS if round.has_selection:
            due, state = round.applications_close_at, State.SELECTION
        case State.APPLICATIONS | State.SELECTION:
            due, state = round.giving_opens_at, State.GIVING
        case State.GIVING:
            due, state = round.giving_closes_at, State.CLOSED
        case _:
            return None
    return state if due is not None and due <= at else None
