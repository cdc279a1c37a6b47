"""Asking through the cursor that is kept: what Django promises of its own holds here too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection
from django.db.transaction import TransactionManagementError, atomic
from django.test.utils import CaptureQueriesContext

from abonde.core.postgresql.asking import ask, tell
from abonde.core.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


def test_rows_come_as_django_gives_them() -> None:
    asked = "SELECT now(), interval '90 minutes', NULL, %s::bigint[]"
    with connection.cursor() as cursor:
        cursor.execute(asked, [[1, 2]])
        usual = cursor.fetchall()
    assert ask(asked, [[1, 2]]) == usual
    assert usual[0][1:] == (timedelta(minutes=90), None, [1, 2])
    ((moment,),) = ask("SELECT timestamptz '2026-03-29 03:30:00+02'")
    assert (moment, moment.utcoffset()) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), timedelta(0))
    assert ask("SELECT %(a)s::text", {"a": "%"}) == [("%",)]


def test_a_connection_that_was_closed_is_opened_again() -> None:
    second = connection.copy()
    assert isinstance(second, DatabaseWrapper)
    for _ in range(2):
        assert second.ask("SELECT 1", ()) == [(1,)]
        second.close()


def test_errors_are_djangos_and_break_the_transaction() -> None:
    with pytest.raises(ProgrammingError), atomic():
        tell("SELECT nonsense")
    with pytest.raises(TransactionManagementError), atomic():
        with pytest.raises(IntegrityError), atomic(savepoint=False):
            tell("INSERT INTO django_content_type (app_label, model) VALUES (NULL, 'x')")
        ask("SELECT 1")


def test_who_wants_to_see_or_refuse_what_is_asked_can() -> None:
    def refuse(_go_on: Callable[..., Any], sql: str, *_: object) -> None:
        raise PermissionError(sql)

    with CaptureQueriesContext(connection) as seen:
        ask("SELECT 1")
        tell("SELECT 2")
    assert [one["sql"] for one in seen] == ["SELECT 1", "SELECT 2"]
    with connection.execute_wrapper(refuse), pytest.raises(PermissionError):
        ask("SELECT 1")
