"""The jobs that send letters, and tidy up after those that nobody took."""

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


@app.periodic(cron="27 3 * * *")
@app.task(name="tidy_letters", queue="tidying", queueing_lock="tidy_letters")
def tidy_letters(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Forget letters that could not be delivered."""
    from abonde.notifications.actions import forget_undelivered

    close_old_connections()
    forget_undelivered()
