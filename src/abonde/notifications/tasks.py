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


@app.periodic(cron="* * * * * */5")
@app.task(name="send_gathered_letters", queue="letters", queueing_lock="send_gathered_letters")
def send_gathered(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Every five seconds: send what waits to be sent together. One job for many letters costs what it costs for one."""
    from abonde.notifications.actions import send_gathered as send_all

    close_old_connections()
    send_all()


@app.periodic(cron="27 3 * * *")
@app.task(name="tidy_letters", queue="tidying", queueing_lock="tidy_letters")
def tidy_letters(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Forget letters that could not be delivered."""
    from abonde.notifications.actions import forget_undelivered

    close_old_connections()
    forget_undelivered()
