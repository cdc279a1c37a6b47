"""Every guarantee of the books, attacked in SQL as the owner of the tables and a superuser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection
from django.db.transaction import atomic

from abonde.ledger.queries import balance_of, check_book
from tests.domain.ledger.conftest import World


def sql(statement: str, *values: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def new_transaction(world: World, key: str = "attack") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_transaction (book_id, kind, sentence, idempotency_key, metadata) "
            "VALUES (%s, 'attack', 'attack', %s, '{}') RETURNING id",
            [world.book.pk, key],
        )
        (made,) = cursor.fetchone()
    return int(made)


def insert_posting(transaction: int, account: int, cents: int) -> None:
    sql(
        "INSERT INTO ledger_posting (transaction_id, account_id, cents) VALUES (%s, %s, %s)",
        transaction,
        account,
        cents,
    )


@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_posting", "core_event"])
@pytest.mark.parametrize("attack", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nobody_changes_what_is_append_only(world: World, table: str, attack: str, role: str) -> None:
    world.fill_pot(100)
    with pytest.raises(DatabaseError, match="append-only"), atomic():
        sql(f"SET LOCAL session_replication_role = {role}")
        sql(attack.format(table))


@pytest.mark.parametrize("postings", [[], [100], [100, -99]])
def test_a_transaction_that_does_not_sum_to_zero_is_refused_at_commit(
    world: World, postings: list[int]
) -> None:
    with pytest.raises(DatabaseError, match="not balanced"), atomic():
        attacked = new_transaction(world)
        for account, cents in zip((world.bank, world.income), postings, strict=False):
            insert_posting(attacked, account.pk, cents)
    assert check_book(world.book).transactions == 0


def test_constraints_made_immediate_leave_no_way_round(world: World) -> None:
    with pytest.raises(DatabaseError, match="not balanced"), atomic():
        attacked = new_transaction(world)
        insert_posting(attacked, world.bank.pk, 100)
        insert_posting(attacked, world.income.pk, -100)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        insert_posting(attacked, world.pot.pk, -100)


def test_a_committed_transaction_takes_no_more_postings(world: World) -> None:
    written = world.post({world.bank: 100, world.income: -100})
    with pytest.raises(DatabaseError, match="is closed"), atomic():
        insert_posting(written.pk, world.pot.pk, -100)


def test_the_instant_is_the_database_s_whatever_is_written(world: World) -> None:
    with connection.cursor() as cursor, atomic():
        cursor.execute(
            "INSERT INTO ledger_transaction (book_id, kind, sentence, idempotency_key, metadata, at) "
            "VALUES (%s, 'attack', 'attack', 'past', '{}', '2001-01-01') RETURNING id, at = transaction_timestamp()",
            [world.book.pk],
        )
        made, honest = cursor.fetchone()
        insert_posting(made, world.bank.pk, 1)
        insert_posting(made, world.income.pk, -1)
    assert honest


def test_postings_stay_within_one_book(make_world: Callable[[], World]) -> None:
    world, other = make_world(), make_world()
    with pytest.raises(DatabaseError, match="of another book"), atomic():
        insert_posting(new_transaction(world), other.bank.pk, 100)


@pytest.mark.parametrize("cents", [0, 10**15 + 1, -(10**15) - 1])
def test_a_posting_is_neither_nothing_nor_absurd(world: World, cents: int) -> None:
    with pytest.raises(DatabaseError, match="ledger_posting_cents"), atomic():
        insert_posting(new_transaction(world), world.bank.pk, cents)


def test_a_pot_below_zero_is_refused_at_commit(world: World) -> None:
    world.fill_pot(100)
    with pytest.raises(DatabaseError, match="would fall below 0"), atomic():
        attacked = new_transaction(world)
        insert_posting(attacked, world.pot.pk, 101)
        insert_posting(attacked, world.bank.pk, -101)
    assert balance_of(world.pot) == 100


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_accountbalance SET cents = 1000000",
        "DELETE FROM ledger_accountbalance",
        "TRUNCATE ledger_accountbalance",
        "INSERT INTO ledger_accountbalance (account_id, cents) VALUES (0, 1)",
    ],
)
def test_balances_are_written_by_postings_alone(world: World, attack: str) -> None:
    with pytest.raises(DatabaseError, match="by postings alone"), atomic():
        sql(attack)


@pytest.mark.parametrize(
    "change", ["never_negative = false", "side = 1", "kind = 'bank'", "key = 'x'", "book_id = 0"]
)
def test_what_decides_on_money_is_fixed_when_an_account_is_opened(world: World, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), atomic():
        sql(f"UPDATE ledger_account SET {change} WHERE id = %s", world.pot.pk)


def test_the_title_and_code_of_an_account_may_be_mended(world: World) -> None:
    sql("UPDATE ledger_account SET title = 'Enveloppe 2', code = '1951' WHERE id = %s", world.pot.pk)
    world.pot.refresh_from_db()
    assert (world.pot.title, world.pot.code) == ("Enveloppe 2", "1951")


def test_a_reversal_undoes_exactly_what_it_reverses(world: World) -> None:
    written = world.post({world.bank: 100, world.income: -100})
    with pytest.raises(DatabaseError, match="does not undo"), atomic():
        sql(
            "INSERT INTO ledger_transaction (book_id, kind, sentence, idempotency_key, metadata, reverses_id) "
            "VALUES (%s, 'reversal', 'wrong', 'wrong', '{}', %s)",
            world.book.pk,
            written.pk,
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM ledger_transaction WHERE reverses_id = %s", [written.pk])
            (reversal,) = cursor.fetchone()
        insert_posting(reversal, world.bank.pk, -99)
        insert_posting(reversal, world.income.pk, 99)


def test_the_replay_finds_what_an_owner_forged_with_the_triggers_off(world: World) -> None:
    world.fill_pot(100)
    with pytest.raises(ZeroDivisionError), atomic():  # nothing of the forgery is kept
        sql("ALTER TABLE ledger_accountbalance DISABLE TRIGGER ALL")
        sql("UPDATE ledger_accountbalance SET cents = -200 WHERE account_id = %s", world.pot.pk)
        assert check_book(world.book).faults == ("account pot keeps -200 cents and its postings sum to -100",)
        raise ZeroDivisionError
    assert check_book(world.book).faults == ()
