"""PostgreSQL itself keeps what organisations read apart: past all Python, and gone with the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pytest
from django.apps import apps
from django.db import DataError, ProgrammingError, connection
from django.db.transaction import atomic
from psycopg.errors import InsufficientPrivilege

from abonde.organisations.models import Kind
from abonde.web.knowledge import NotTheirsToKnow, only_what_concerns
from abonde.web.separation import GIFTS, PIVOTS, READABLE, give_rights, is_separated, reading_as
from tests.factories import an_organisation

pytestmark = pytest.mark.usefixtures("database")
HIDDEN: Final = [
    (kind, table, column.column)
    for kind, readable in READABLE.items()
    for model in apps.get_models()
    if (table := model._meta.db_table) in readable
    for column in model._meta.local_fields
    if column.column not in readable[table]
]


def ask(question: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(question)


def owns_all() -> bool:
    """Whether the connection acts as the account that it logged in with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        return bool(cursor.fetchone()[0])


@contextmanager
def an_account_without_rights() -> Iterator[None]:
    """For one transaction, what an operator's database allows who owns nothing and may make nothing."""
    with atomic():
        ask("CREATE ROLE nobody_special NOLOGIN")
        ask("SET LOCAL ROLE nobody_special")
        yield
        ask("RESET ROLE")
        ask("DROP ROLE nobody_special")


def test_the_roles_stand_in_the_database_that_comes_along() -> None:
    assert is_separated()


@pytest.mark.parametrize(("kind", "table", "column"), HIDDEN)
def test_a_hidden_column_is_refused(kind: Kind, table: str, column: str) -> None:
    with pytest.raises(ProgrammingError) as refused, reading_as(kind):
        ask(f'SELECT "{column}" FROM {table} LIMIT 1')
    assert isinstance(refused.value.__cause__, InsufficientPrivilege)
    ask(f'SELECT "{column}" FROM {table} LIMIT 1')


@pytest.mark.parametrize("kind", READABLE)
def test_a_role_reads_the_rest_and_writes_nothing(kind: Kind) -> None:
    with reading_as(kind):
        for model in apps.get_models():
            if model._meta.db_table not in READABLE[kind]:
                model._default_manager.first()
        for table, columns in READABLE[kind].items():
            if columns:
                ask(f"SELECT count(*) FROM {table}")
    for deed in ("DELETE FROM giving_support", "UPDATE register_entry SET left_at = now()"):
        with pytest.raises(ProgrammingError), reading_as(kind):
            ask(deed)


def test_every_table_of_gifts_and_fingerprints_is_thought_of() -> None:
    """A column that points at a person beside an amount, or holds bytes, in a table that nobody thought of yet."""
    sums, prints = {"amount", "cents", "refunded"}, {"key", "place_key", "digest", "sealed"}
    for model in apps.get_models():
        table, columns = model._meta.db_table, {one.column for one in model._meta.local_fields}
        app = model._meta.app_label
        if app in {"giving", "payments"} and columns & sums:
            assert table in GIFTS
        if app == "register" and columns & prints:
            assert table in PIVOTS


def test_what_slips_past_the_reading_of_questions_is_refused_below() -> None:
    """Statements that a plan keeps are looked at anew for each role."""
    question = "SELECT COUNT(*) FROM payments_payment"
    for _ in range(3):
        ask(question)
        with pytest.raises(NotTheirsToKnow), only_what_concerns(an_organisation(Kind.CERTIFIER), "GET"):
            ask(question)
    question = "SELECT digest FROM register_postedcode WHERE 'digest' <> ''"
    with pytest.raises(NotTheirsToKnow), only_what_concerns(an_organisation(Kind.HOST), "GET"):
        ask(question)


@pytest.mark.parametrize("question", ["SELECT 1", "SELECT 1 / 0", "SELECT amount FROM giving_pledge"])
def test_the_role_is_gone_with_the_page_whatever_became_of_it(question: str) -> None:
    with suppress(DataError, NotTheirsToKnow), only_what_concerns(an_organisation(Kind.CERTIFIER), "GET"):
        assert not owns_all()
        ask(question)
    assert owns_all()


def test_an_account_that_may_make_no_roles_is_warned_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with an_account_without_rights():
        assert not is_separated()
        give_rights()
        with reading_as(Kind.HOST):
            ask("SELECT 1")
    assert "keeps no roles" in caplog.text
    assert is_separated()
