"""`abonde manage procrastinate …`: procrastinate's own command, whose worker talks less with PostgreSQL.

For each job procrastinate takes a connection out of its pool some three times, and each time asks whether it still
lives, opens a transaction, asks one thing, and closes the transaction: four questions where one will do.

What a job defers is written by Django's connection, with the rest of what the job writes: through the worker's own
connections another thread could begin it before there is anything to do, and find nothing.
"""

from __future__ import annotations

from typing import Any

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.management.commands import procrastinate
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from abonde.core.postgresql.waiting import something_waits


class Command(procrastinate.Command):
    """Run jobs, or look at them."""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  (as Django's commands)
        """What procrastinate's command does, with connections of our own."""
        with app.replace_connector(WorkerConnector(pool_factory=_pool, kwargs=connector_params())):
            super().handle(*args, app=app, **options)


class WorkerConnector(PsycopgConnector):
    """The worker's own connections for what it asks itself; Django's for what its jobs defer."""

    def get_sync_connector(self) -> BaseConnector:
        """The connection of the thread in which a job runs, within the job's transaction."""
        return DjangoConnector()


def _pool(**options: Any) -> AsyncConnectionPool:  # noqa: ANN401  (whatever procrastinate gives it)
    return AsyncConnectionPool(**{**options, "configure": _prepare, "check": _check})


async def _prepare(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)  # each of its questions is one statement, whole by itself


async def _check(connection: AsyncConnection[Any]) -> None:
    """Raises OperationalError where the connection has ended."""
    if something_waits(connection.fileno()):
        await AsyncConnectionPool.check_connection(connection)
