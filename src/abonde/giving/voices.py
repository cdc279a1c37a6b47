"""Whose voice counts in a round: those who had it at the close and have it still."""

from __future__ import annotations

from datetime import datetime

from abonde.people.models import Person
from abonde.register.queries import voice_since
from abonde.rounds.models import Round


def voice_counts_in(round: Round, person: Person | None) -> bool:  # noqa: A002  (the word of the domain)
    """Whether what the person gives in the round is matched."""
    return (
        person is not None
        and round.register is not None
        and counts(voice_since(person, round.register), round)
    )


def counts(since: datetime | None, round: Round) -> bool:  # noqa: A002
    """Whether a voice that is held since then (UTC) counts: granted after the close, it comes too late for the round.

    Else a recomputation would let in who waited to see the result. A voice that is taken back counts no more, whenever.
    """
    return since is not None and (round.giving_closes_at is None or since < round.giving_closes_at)
