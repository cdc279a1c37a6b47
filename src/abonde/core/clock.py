"""The only clock of the domain: the database's, the same for web, worker and every machine."""

from __future__ import annotations

from datetime import datetime

from abonde.core.postgresql.asking import ask


def transaction_time() -> datetime:
    """When the present transaction began (UTC): one instant for everything it writes."""
    return _answer("SELECT transaction_timestamp()")


def present_time() -> datetime:
    """The instant of asking (UTC), which moves on within a transaction."""
    return _answer("SELECT clock_timestamp()")


def _answer(question: str) -> datetime:
    ((answer,),) = ask(question)
    assert isinstance(answer, datetime)  # noqa: S101  (psycopg gives what timestamptz is)
    return answer
