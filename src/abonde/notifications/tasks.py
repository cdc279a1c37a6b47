"""The job that sends a letter."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app


@app.task(
    name="send_letter",
    queue="letters",
    retry=RetryStrategy(
        max_attempts=10, exponential_wait=3
    ),  # the last try comes about a day after the first
)
def send(*, letter: str) -> None:
    """Send one letter; a mail server that is down is tried again, ever more slowly."""
    from abonde.notifications.actions import deliver

    close_old_connections()
    deliver(letter_id=letter)
