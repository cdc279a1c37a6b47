"""PostgreSQL as Django speaks to it, except for how a kept connection is looked at before it is used again.

Django asks `SELECT 1` once for each page: as much work as any other question. A server that has gone has closed its end
of the line, and the kernel of this machine knows it without asking anybody. Named in `ENGINE` of the setting DATABASES.
"""

from __future__ import annotations

from select import POLLIN, poll

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def is_usable(self) -> bool:
        """Whether the kept connection can still be used."""
        kept = self.connection
        if kept is None or kept.closed or kept.info.transaction_status is not TransactionStatus.IDLE:
            return super().is_usable()
        line = poll()
        line.register(kept.fileno(), POLLIN)
        # Something to be read from a server that was asked nothing: its end, or a word for Django to listen to.
        return not line.poll(0) or super().is_usable()
