"""What every action on a round asks first: the row under its lock, the person's right, the right time."""

from __future__ import annotations

from django.db.models import Model

from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.rounds.states import State


def draft(person: Person, round_id: int, seen: int | None) -> Round:
    """The draft, locked, for a manager of its host. Raises NotAllowed, NotNow once it has opened, ChangedMeanwhile."""
    require_role(person, Round.objects.select_related("host").get(pk=round_id).host, Role.MANAGER)
    round_ = Round.locked(round_id, seen=seen, reader=person.actor)
    require_draft(round_)
    return round_


def require_draft(round: Round) -> None:  # noqa: A002  (the word of the domain)
    """Raises NotNow once the round is no draft."""
    if round.state != State.DRAFT:
        raise NotNow(
            "{round} is no longer a draft: its rules, calendar and territory are what the trio has signed.",
            round=round.name,
        )


def record(  # noqa: PLR0913  (an action names all it needs)
    person: Person | None,
    verb: str,
    round: Round,  # noqa: A002
    *,
    subject: Model | None = None,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Write the event under the host's name."""
    record_event(
        actor=person.actor if person else None,
        verb=verb,
        subject=subject or round,
        before=before,
        after=after,
        tenant=round.host.reference,
    )
