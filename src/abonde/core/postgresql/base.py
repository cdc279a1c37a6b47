"""PostgreSQL as Django speaks to it, except for how a kept connection is looked at before it is used again.

Django asks `SELECT 1` once for each page: as much work as any other question. A server that has gone has closed its end
of the line, and the kernel of this machine knows it without asking anybody. Named in `ENGINE` of the setting DATABASES.
"""

from __future__ import annotations

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from abonde.core.postgresql.waiting import something_waits


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def is_usable(self) -> bool:
        """Whether the kept connection can still be used."""
        kept = self.connection
        if kept is None or kept.closed or kept.info.transaction_status is not TransactionStatus.IDLE:
            return super().is_usable()
        return not something_waits(kept.fileno()) or super().is_usable()
