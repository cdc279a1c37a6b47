"""Jobs of settlement: a large result, and the letters that follow what was done. Each calls one function."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

AGAIN: Final = RetryStrategy(max_attempts=5, exponential_wait=3)
"""Every job here may be run twice without harm."""


@app.task(name="compute_result", queue="settlement")
def compute(*, round_id: int, reason: str, person_id: str, without_late: bool) -> None:
    """Compute the result of a large round for an agent of its host."""
    from abonde.people.models import Person
    from abonde.rounds.models import Round
    from abonde.settlement.actions import compute_result

    close_old_connections()
    compute_result(
        round=Round.objects.select_related("host").get(pk=round_id),
        reason=reason,
        person=Person.objects.get(pk=UUID(person_id)),
        without_late=without_late,
    )


@app.periodic(cron="11 3 * * *")
@app.task(name="recompute_changed", queue="settlement", queueing_lock="recompute_changed")
def recompute(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Each night: compute again the provisional results whose inputs have changed."""
    from abonde.settlement.recomputing import recompute_changed

    close_old_connections()
    recompute_changed()


@app.task(name="announce_result", queue="announcements", retry=AGAIN)
def announce_result(*, computation: int) -> None:
    """Tell everybody who waits for it that a result is there, or has changed."""
    from abonde.settlement.announcing import tell_result

    close_old_connections()
    tell_result(computation_id=computation)


@app.task(name="announce_final", queue="announcements", retry=AGAIN)
def announce_final(*, computation: int) -> None:
    """Tell everybody who waits for it that the result is final."""
    from abonde.settlement.announcing import tell_final

    close_old_connections()
    tell_final(computation_id=computation)


@app.task(name="announce_signing", queue="announcements", retry=AGAIN)
def announce_signing(*, computation: int) -> None:
    """Ask those who can sign for the trio to do so."""
    from abonde.settlement.announcing import tell_signers

    close_old_connections()
    tell_signers(computation_id=computation)


@app.task(name="announce_objection", queue="announcements", retry=AGAIN)
def announce_objection(*, objection: int) -> None:
    """Tell the host of an objection."""
    from abonde.settlement.announcing import tell_host_of_objection

    close_old_connections()
    tell_host_of_objection(objection_id=objection)


@app.task(name="announce_ruling", queue="announcements", retry=AGAIN)
def announce_ruling(*, objection: int) -> None:
    """Tell the person who objected what the host answered."""
    from abonde.settlement.announcing import tell_objector

    close_old_connections()
    tell_objector(objection_id=objection)
