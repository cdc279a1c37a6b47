"""The Django app of what every domain app shares."""

from __future__ import annotations

from typing import Final

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

PLANS_KEPT: Final = 1000
"""Statements that a connection keeps prepared: a payment alone asks more than psycopg's hundred."""


class Core(AppConfig):
    """Events and what rests on the database itself."""

    name = "abonde.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every connection keep its plans."""
        connection_created.connect(_keep_plans)


def _keep_plans(connection: BaseDatabaseWrapper, **_: object) -> None:
    connection.connection.prepared_max = PLANS_KEPT
