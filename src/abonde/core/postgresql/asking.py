"""Asking PostgreSQL through the cursor that this thread's connection keeps: for what every page and every payment asks."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from abonde.core.postgresql.base import DatabaseWrapper, Params


def ask(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """All rows with which a statement answers; moments are in UTC. Raises what Django's cursors raise."""
    return _connection().ask(sql, params)


def tell(sql: str, params: Params = ()) -> None:
    """Run a statement that answers with no rows. Raises what Django's cursors raise."""
    _connection().tell(sql, params)


def _connection() -> DatabaseWrapper:
    connection = connections[DEFAULT_DB_ALIAS]
    assert isinstance(connection, DatabaseWrapper)  # noqa: S101  (what the setting DATABASES names)
    return connection
