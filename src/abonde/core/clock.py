"""The only clock of the domain: the database's, the same for web, worker and every machine."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def transaction_time() -> datetime:
    """When the present transaction began (UTC): one instant for everything it writes."""
    return _ask("SELECT transaction_timestamp()")


def present_time() -> datetime:
    """The instant of asking (UTC), which moves on within a transaction."""
    return _ask("SELECT clock_timestamp()")


def _ask(question: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone()
    assert isinstance(answer, datetime)  # noqa: S101  (psycopg gives what timestamptz is)
    return answer
