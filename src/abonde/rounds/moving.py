"""How a round goes from state to state: by people, and by the database's clock."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.people.models import Person
from abonde.rounds.announcing import on_move
from abonde.rounds.guards import record
from abonde.rounds.letters import tell_managers
from abonde.rounds.models import Round
from abonde.rounds.queries import signers_of
from abonde.rounds.rules import next_by_clock
from abonde.rounds.states import TRANSITIONS, State

LETTERS = {State.GIVING: "round-giving", State.CLOSED: "round-closed"}
"""What the trio is told when the clock moves a round."""

DUE = (
    Q(state=State.APPLICATIONS, has_selection=True, applications_close_at__lte=Now())
    | Q(state=State.APPLICATIONS, has_selection=False, giving_opens_at__lte=Now())
    | Q(state=State.SELECTION, giving_opens_at__lte=Now())
    | Q(state=State.GIVING, giving_closes_at__lte=Now())
)


@atomic
def move(*, round: Round, state: State, person: Person | None = None, verb: str = "move_round") -> Round:  # noqa: A002
    """Put the round, which the caller has locked, into another state. Raises NotNow where the table knows no such way.

    The caller has decided that it may be; `person` is None for the clock.
    """
    before = State(round.state)
    if state not in TRANSITIONS[before]:
        raise NotNow("{round} has moved on meanwhile: open its page again.", round=round.name)
    round.state = state
    round.save(update_fields=["state"])
    announce_move(round, before, person=person, verb=verb)
    return round


def announce_move(round: Round, before: State, *, person: Person | None, verb: str) -> None:  # noqa: A002
    """Write down that the round has moved, and tell the other rooms, all in the transaction that moved it."""
    record(person, verb, round, before={"state": before}, after={"state": round.state})
    for tell in on_move:
        tell(round, before)


def advance_rounds() -> list[Round]:
    """Move every round whose time has come, each in a transaction of its own; those that moved."""
    due = list(Round.objects.filter(DUE).order_by("pk").values_list("pk", flat=True))
    return [moved for pk in due if (moved := advance_round(pk)) is not None]


@atomic
def advance_round(round_id: int) -> Round | None:
    """Move one round as far as the database's clock says; None where it stays."""
    round_ = Round.locked(round_id, seen=None)
    moved = None
    while (state := next_by_clock(round_, present_time())) is not None:
        moved = move(round=round_, state=state)
        if state in LETTERS:
            tell_managers(LETTERS[state], round_, signers_of(round_), once=state)
    return moved
