"""What payments do when a round moves."""

from __future__ import annotations

from abonde.payments.tasks import send_back_called_off
from abonde.rounds.models import Round
from abonde.rounds.states import State


def on_round_moved(round: Round, before: State) -> None:  # noqa: A002, ARG001  (the interface of on_move)
    """Have all payments sent back once the round is called off; the job is written in the same transaction."""
    if round.state == State.CALLED_OFF:
        send_back_called_off.defer(round_id=round.pk)
