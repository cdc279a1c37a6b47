"""The job of the clock."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="advance_rounds", queue="rounds", queueing_lock="advance_rounds")
def advance(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Each minute: open giving, and close it, where the time has come."""
    from abonde.rounds.actions import advance_rounds

    close_old_connections()
    advance_rounds()
