"""The jobs of giving: the nightly check of the totals, and the measure of linked support."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from abonde.rounds.states import State

COUNTING = (State.GIVING, State.CLOSED)


@app.periodic(cron="41 2 * * *")
@app.task(name="check_totals", queue="checks", queueing_lock="check_totals")
def check_totals(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Compare the kept totals of every round that still counts with its contributions, and mend what differs."""
    from abonde.giving.rebuilding import rebuild_totals
    from abonde.rounds.models import Round

    close_old_connections()
    for round_ in Round.objects.filter(state__in=COUNTING).select_related("host", "register"):
        rebuild_totals(round_)


@app.periodic(cron="*/5 * * * *")
@app.task(name="measure_links", queue="checks", queueing_lock="measure_links")
def measure_all_links(timestamp: int) -> None:  # noqa: ARG001
    """Measure again the rounds under a mechanism in which one gift changes other projects."""
    from abonde.giving.queries import ALONE
    from abonde.giving.rebuilding import measure_links
    from abonde.rounds.models import Round

    close_old_connections()
    for round_ in Round.objects.filter(state__in=COUNTING):
        if round_.rules.mechanism not in ALONE:
            measure_links(round_)
