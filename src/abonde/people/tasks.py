"""Daily tidying of accounts."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app


@app.periodic(cron="17 3 * * *")
@app.task(name="tidy_accounts", queue="tidying", queueing_lock="tidy_accounts")
def tidy_accounts(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Forget accounts that were never confirmed, and sessions that are over."""
    from abonde.people.actions import forget_unconfirmed_accounts
    from abonde.people.sessions import SessionStore

    close_old_connections()
    forget_unconfirmed_accounts()
    SessionStore.clear_expired()
