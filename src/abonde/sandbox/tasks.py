"""The jobs of the sandbox."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import close_old_connections
from procrastinate.contrib.django import app


@app.task(name="sandbox_deliver_due", queue="sandbox", queueing_lock="sandbox_deliver_due")
def deliver_due(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Post every notification that is due."""
    from abonde.sandbox.telling import deliver_due as post

    close_old_connections()
    post()


if settings.SANDBOX_SECRET:  # elsewhere nobody is told anything
    app.periodic(cron="* * * * * */2")(deliver_due)


@app.task(name="sandbox_pay_when_due", queue="sandbox")
def pay_when_due(*, checkout: str) -> None:
    """Pay what was to be paid later."""
    from abonde.sandbox.actions import pay_when_due as pay

    close_old_connections()
    pay(checkout_id=UUID(checkout))
