"""The jobs of the sandbox."""

from __future__ import annotations

from uuid import UUID

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app


@app.task(name="sandbox_deliver", queue="sandbox", retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def deliver(*, delivery: int) -> None:
    """Post one notification; a merchant who does not take it is asked again, ever more slowly."""
    from abonde.sandbox.telling import deliver as post

    close_old_connections()
    post(delivery_id=delivery)


@app.task(name="sandbox_pay_when_due", queue="sandbox")
def pay_when_due(*, checkout: str) -> None:
    """Pay what was to be paid later."""
    from abonde.sandbox.actions import pay_when_due as pay

    close_old_connections()
    pay(checkout_id=UUID(checkout))
