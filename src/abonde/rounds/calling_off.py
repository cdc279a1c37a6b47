"""Calling off a round that has opened: nothing is given any more, and all money goes back whence it came."""

from __future__ import annotations

from typing import Final

from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.rounds.letters import tell_managers
from abonde.rounds.models import Round
from abonde.rounds.moving import announce_move
from abonde.rounds.queries import signers_of
from abonde.rounds.states import TRANSITIONS, State

LONGEST_REASON: Final = 1000


@atomic
def call_off_round(*, person: Person, round: Round, reason: str) -> Round:  # noqa: A002  (the word of the domain)
    """End a round before its result is final. Everybody reads the reason; other rooms send the money back.

    `person` manages the host. Raises NotAllowed, Refusal, NotNow for a draft or once the result is final.
    """
    require_role(person, round.host, Role.MANAGER)
    require_second_factor(person)
    if not reason.strip():
        raise Refusal("Say why the round is called off: everybody will read it.")
    if len(reason) > LONGEST_REASON:
        raise Refusal("Say it in at most {most} characters.", most=LONGEST_REASON)
    locked = Round.locked(round.pk, seen=None)
    if State.CALLED_OFF not in TRANSITIONS[State(locked.state)]:
        raise NotNow("{round} is not under way: it cannot be called off.", round=locked.name)
    locked.called_off_at, locked.called_off_because = transaction_time(), reason.strip()
    before, locked.state = locked.state, State.CALLED_OFF
    locked.save(update_fields=["state", "called_off_at", "called_off_because"])
    announce_move(locked, State(before), person=person, verb="call_off_round")
    tell_managers(
        "round-called-off", locked, signers_of(locked), once="called off", reason=locked.called_off_because
    )
    return locked
