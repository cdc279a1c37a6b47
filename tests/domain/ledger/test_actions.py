"""What is done to the books, one person at a time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonde.ledger.actions import AlreadyReversed, KeyUsed, NotEnough, Unbalanced, reverse
from abonde.ledger.models import Account
from abonde.ledger.queries import balance_of, check_book, statement_of
from tests.domain.ledger.conftest import World


def test_the_same_key_and_content_post_once(world: World) -> None:
    world.fill_pot(500)
    first = world.draw_pot(200, key="tranche 1")
    assert world.draw_pot(200, key="tranche 1") == first
    assert balance_of(world.pot) == 300


def test_a_key_stands_for_one_content(world: World) -> None:
    world.fill_pot(500)
    world.draw_pot(200, key="tranche 1")
    with pytest.raises(KeyUsed, match="tranche 1"):
        world.draw_pot(201, key="tranche 1")
    assert balance_of(world.pot) == 300


def test_a_pot_pays_no_more_than_it_holds(world: World) -> None:
    world.fill_pot(500)
    with pytest.raises(NotEnough, match=r"Enveloppe lacks 0\.01 €"):
        world.draw_pot(501)
    assert (balance_of(world.pot), balance_of(world.bank)) == (500, 500)


def test_postings_that_make_no_transaction_are_refused(world: World) -> None:
    bad: list[dict[Account, int]] = [
        {},
        {world.bank: 5},
        {world.bank: 5, world.pot: -4},
        {world.bank: 0, world.pot: 0},
    ]
    for postings in bad:
        with pytest.raises(Unbalanced):
            world.post(postings)


def test_a_correction_is_a_reversal_and_happens_once(world: World) -> None:
    wrong = world.fill_pot(500)
    right = reverse(actor="agent:2", transaction=wrong, sentence="entered twice")
    assert balance_of(world.pot) == 0
    with pytest.raises(AlreadyReversed, match="already reversed"):
        reverse(actor="agent:2", transaction=wrong, sentence="entered twice")
    with pytest.raises(AlreadyReversed, match="itself a reversal"):
        reverse(actor="agent:2", transaction=right, sentence="no, it was right")


def test_what_has_moved_on_is_not_reversed(world: World) -> None:
    filled = world.fill_pot(500)
    world.draw_pot(1)
    with pytest.raises(NotEnough):
        reverse(actor="agent:2", transaction=filled, sentence="bounced")
    assert balance_of(world.pot) == 499


def test_a_statement_tells_each_movement_and_ends_on_the_balance(world: World) -> None:
    world.fill_pot(500)
    world.draw_pot(200)
    lines = statement_of(world.pot)
    assert [(line.sentence, line.moved, line.held) for line in lines] == [
        ("fills the pot", 500, 500),
        ("draws on the pot", -200, 300),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["fill", "draw", "reverse"]), st.integers(1, 10**6)), max_size=12
    )
)
def test_any_life_of_a_book_leaves_it_sound(world: World, moves: list[tuple[str, int]]) -> None:
    held, last = balance_of(world.pot), None
    for move, cents in moves:
        try:
            match move:
                case "fill":
                    last, change = world.fill_pot(cents), cents
                case "draw":
                    last, change = world.draw_pot(cents), -cents
                case _ if last is not None:
                    change = sum(p.cents for p in last.postings.filter(account=world.pot))
                    reverse(actor=None, transaction=last, sentence="undone")
                case _:
                    continue
        except (NotEnough, AlreadyReversed):
            continue
        held += change  # type: ignore[assignment]  # a model of the balance, in plain integers
        assert held >= 0
    assert balance_of(world.pot) == held
    assert check_book(world.book).faults == ()
