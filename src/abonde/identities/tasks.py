"""The job of providers' roles."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app


@app.periodic(cron="41 3 * * *")
@app.task(name="end_unconfirmed_roles", queue="checks", queueing_lock="end_unconfirmed_roles")
def end_unconfirmed_roles(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Each night: end the roles that providers gave and no longer confirm."""
    from abonde.identities import roles

    close_old_connections()
    roles.end_unconfirmed_roles()
