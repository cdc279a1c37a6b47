"""A connection that is kept is looked at before it is used again, without a question to the server that is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[BaseDatabaseWrapper]:
    """A second connection, kept as a thread of the web keeps its own."""
    second = connection.copy()
    second.ensure_connection()
    yield second
    second.close()


def _number(kept: BaseDatabaseWrapper) -> int:
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_server_that_is_there_is_not_asked(kept: BaseDatabaseWrapper) -> None:
    with CaptureQueriesContext(kept) as asked:
        assert kept.is_usable()
    assert len(asked) == 0
    assert _number(kept) == _number(kept)


def test_a_server_that_is_gone_is_noticed(kept: BaseDatabaseWrapper) -> None:
    before = _number(kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])  # waits until it has ended
    assert not kept.is_usable()
    kept.close_if_unusable_or_obsolete()
    kept.close_if_health_check_failed()
    assert _number(kept) != before, "another connection took its place"


def test_a_closed_connection_is_no_connection(kept: BaseDatabaseWrapper) -> None:
    kept.close()
    assert not kept.is_usable()


def test_a_word_of_the_server_is_not_its_end(kept: BaseDatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("LISTEN somebody")
    somebody = kept.copy()
    with somebody.cursor() as cursor:
        cursor.execute("NOTIFY somebody")
    somebody.close()
    assert kept.is_usable()
