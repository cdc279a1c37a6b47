"""PostgreSQL as Django speaks to it, except for how a kept connection is looked at before it is used again.

Django asks `SELECT 1` once for each page: as much work as any other question. A server that has gone has closed its end
of the line, and the kernel of this machine knows it without asking anybody. Named in `ENGINE` of the setting DATABASES.

What is asked all the time (`abonde.core.prepared`) goes through one cursor that is kept with its connection: around each
new one Django lays two more, and makes every moment twice. Both cost more than what most questions ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from django.db.backends.postgresql import base
from psycopg import Cursor, adapters
from psycopg.pq import Format, TransactionStatus

from abonde.core.postgresql.waiting import something_waits

Params: TypeAlias = "Sequence[Any] | Mapping[str, Any]"

_MOMENT: Final = adapters.types["timestamptz"].oid


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def is_usable(self) -> bool:
        """Whether the kept connection can still be used."""
        kept = self.connection
        if kept is None or kept.closed or kept.info.transaction_status is not TransactionStatus.IDLE:
            return super().is_usable()
        return not something_waits(kept.fileno()) or super().is_usable()

    _cursor_kept: Cursor[Any] | None = None

    def ask(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        """All rows with which a statement answers; moments are in UTC. Raises what Django's cursors raise."""
        rows: list[tuple[Any, ...]] = self._run(sql, params).fetchall()
        return rows

    def tell(self, sql: str, params: Params) -> None:
        """Run a statement that answers with no rows. Raises what Django's cursors raise."""
        self._run(sql, params)

    def _run(self, sql: str, params: Params) -> Any:  # noqa: ANN401  (Django's cursor or psycopg's)
        if self.execute_wrappers or self.queries_logged:  # somebody wants to see, or to refuse, what is asked
            cursor = self.cursor()
            cursor.execute(sql, params)
            return cursor
        self.close_if_health_check_failed()
        if self.connection is None:
            self.ensure_connection()
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            return self._kept().execute(sql, params)

    def _kept(self) -> Cursor[Any]:
        if self._cursor_kept is None or self._cursor_kept.connection is not self.connection:
            kept: Cursor[Any] = self.connection.cursor()
            # What psycopg itself reads moments with takes the connection's time zone, which Django sets to UTC.
            if usual := adapters.get_loader(_MOMENT, Format.TEXT):
                kept.adapters.register_loader(_MOMENT, usual)
            self._cursor_kept = kept
        return self._cursor_kept
