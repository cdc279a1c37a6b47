"""Two connections at once, and connections that die."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.transaction import atomic
from pytest_django.plugin import DjangoDbBlocker

from abonde.ledger.actions import NotEnough
from abonde.ledger.models import Transaction
from abonde.ledger.queries import balance_of, check_book
from tests.domain.ledger.conftest import World


@pytest.fixture
def together(django_db_blocker: DjangoDbBlocker) -> Callable[[Callable[[int], object]], list[object]]:
    """Run an action on several connections at the same moment; a refusal is returned as its class."""

    def run(action: Callable[[int], object], people: int = 4) -> list[object]:
        start = Barrier(people)

        def one(number: int) -> object:
            with django_db_blocker.unblock():
                try:
                    connection.ensure_connection()
                    start.wait()
                    return action(number)
                except NotEnough:
                    return NotEnough
                finally:
                    connection.close()

        with ThreadPoolExecutor(people) as pool:
            return list(pool.map(one, range(people)))

    return run


def test_the_last_cents_of_a_pot_are_paid_once(
    world: World, together: Callable[[Callable[[int], object]], list[object]]
) -> None:
    world.fill_pot(100)
    found = together(lambda _: world.draw_pot(100))
    assert sum(isinstance(result, Transaction) for result in found) == 1
    assert found.count(NotEnough) == 3
    assert balance_of(world.pot) == 0
    assert check_book(world.book).faults == ()


def test_one_key_from_several_connections_posts_once(
    world: World, together: Callable[[Callable[[int], object]], list[object]]
) -> None:
    world.fill_pot(1000)
    found = together(lambda _: world.draw_pot(100, key="double click"))
    assert len({result.pk for result in found if isinstance(result, Transaction)}) == 1
    assert found.count(NotEnough) == 0
    assert balance_of(world.pot) == 900


@pytest.mark.parametrize("posted", [False, True])
def test_a_connection_killed_before_commit_leaves_nothing(world: World, posted: bool) -> None:
    world.fill_pot(100)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with pytest.raises(OperationalError), atomic():
        if posted:
            world.draw_pot(60)
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        world.draw_pot(40)
    connection.close()
    assert balance_of(world.pot) == 100
    assert check_book(world.book).faults == ()
