"""Being the only one, on all machines, who does something at the moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError

from abonde.core.postgresql.asking import ask


@contextmanager
def alone(what: str) -> Iterator[bool]:
    """Whether nobody else is at it: False where somebody is. The lock of a worker that dies goes with its connection.

    Not for use inside a transaction, for the lock is the connection's and outlives it.
    """
    [(first,)] = ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [what])
    try:
        yield first
    finally:
        if first:
            with suppress(DatabaseError):  # a connection that is gone holds no lock
                ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [what])
