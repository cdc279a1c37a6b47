"""Money that a provider sends back by itself: counted once, in whole gifts, with the book to the cent."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonde.core.models import Event
from abonde.giving.actions import rebuild_totals
from abonde.giving.models import ContributionState, Support
from abonde.giving.queries import totals_of
from abonde.ledger.models import Account, Transaction
from abonde.ledger.queries import balance_of, check_book
from abonde.matching.amounts import Cents
from abonde.notifications.models import Letter
from abonde.payments.actions import carry_out_refund, refund_payment, take_report
from abonde.payments.bookkeeping import clearing_of
from abonde.payments.models import Payment, Refund
from abonde.payments.provider import Report, Standing
from abonde.payments.returning import HELD, without_project
from abonde.payments.states import State
from abonde.rounds.states import State as RoundState
from abonde.sandbox.states import Choice
from tests.factories import the_manager
from tests.web.giving.worlds import Given, settled
from tests.web.giving.worlds import given as a_payment

pytestmark = pytest.mark.usefixtures("database")

AMOUNT = 3500
"""Gifts of 10 and of 25 euros."""


def say(made: Given, refunded: int, standing: Standing = Standing.SETTLED) -> Payment:
    report = Report(standing=standing, amount=Cents(AMOUNT), refunded=Cents(refunded))
    return take_report(payment_id=made.payment.pk, report=report)


def stands(made: Given) -> tuple[str, int, int, int]:
    """The payment's state; what counts, what the provider owes, what is held without a project (cents)."""
    payment = Payment.objects.get(pk=made.payment.pk)
    book = made.round.fund.book
    assert check_book(book).faults == ()
    assert rebuild_totals(made.round) == []
    held = balance_of(Account.objects.get(book=book, key="gifts"))
    assert held == (without_project(payment) if payment.state in HELD else 0)
    return payment.state, totals_of(made.round).received, balance_of(clearing_of(payment)), held


def test_a_whole_payment_goes_back_once_however_often_it_is_told() -> None:
    made = settled()
    for _ in range(3):
        say(made, AMOUNT)
    assert stands(made) == (State.REFUNDED, 0, 0, 0)
    refund = Refund.objects.get(payment=made.payment)
    assert (refund.amount, refund.asked_by) == (AMOUNT, None)
    assert refund.done_at is not None
    assert Letter.objects.filter(person=made.person, kind="gift-returned").count() == 1
    assert Transaction.objects.filter(book=made.round.fund.book, kind="gift").count() == 2
    assert Event.objects.filter(verb="payment_refunded", subject_id=str(made.payment.pk)).count() == 1
    assert {one.state for one in made.pledge.contributions.all()} == {ContributionState.REFUNDED}


def test_what_goes_back_in_parts_takes_whole_gifts_and_keeps_the_rest_in_the_book() -> None:
    made = settled()
    for refunded, expected in (
        (800, (State.SETTLED, 1000, 2700, 1700)),
        (800, (State.SETTLED, 1000, 2700, 1700)),
        (1200, (State.SETTLED, 1000, 2300, 1300)),
        (700, (State.SETTLED, 1000, 2300, 1300)),
        (2600, (State.SETTLED, 0, 900, 900)),
        (AMOUNT, (State.REFUNDED, 0, 0, 0)),
    ):
        say(made, refunded)
        assert stands(made) == expected


def test_what_was_asked_for_here_is_not_taken_twice() -> None:
    made = settled()
    first = made.pledge.contributions.order_by("id")[0]
    refund = refund_payment(
        person=the_manager(made.round.host),
        payment_id=made.payment.pk,
        reason="Demandé.",
        contributions=[first.pk],
    )
    carry_out_refund(refund_id=refund.pk)
    say(made, 1000)
    assert stands(made) == (State.SETTLED, 2500, 2500, 0)
    assert Refund.objects.filter(payment=made.payment).count() == 1
    say(made, AMOUNT)
    assert stands(made) == (State.REFUNDED, 0, 0, 0)


def test_a_refund_that_the_provider_overtook_is_done() -> None:
    made = settled()
    first = made.pledge.contributions.order_by("id")[0]
    refund = refund_payment(
        person=the_manager(made.round.host),
        payment_id=made.payment.pk,
        reason="Demandé.",
        contributions=[first.pk],
    )
    assert made.at_provider(Choice.SEND_BACK).state == State.REFUNDED
    carry_out_refund(refund_id=refund.pk)
    assert stands(made) == (State.REFUNDED, 0, 0, 0)
    assert not Refund.objects.filter(payment=made.payment, done_at=None)


@pytest.mark.parametrize("standing", [Standing.PAID, Standing.SETTLED])
def test_money_that_came_and_went_before_anything_was_heard_leaves_both_steps(standing: Standing) -> None:
    made = a_payment()
    say(made, AMOUNT, standing)
    assert stands(made) == (State.REFUNDED, 0, 0, 0)
    assert Transaction.objects.filter(book=made.round.fund.book, kind="gift").count() == 2


def test_late_money_that_has_already_gone_back_is_not_sent_again() -> None:
    made = a_payment()
    for state in (RoundState.CLOSED, RoundState.PROVISIONAL):
        made.round.state = state
        made.round.save(update_fields=["state"])
    say(made, AMOUNT)
    assert not Refund.objects.filter(payment=made.payment)
    assert stands(made) == (State.CREATED, 0, 0, 0)


def test_a_won_dispute_may_still_go_back_and_a_lost_one_has() -> None:
    for standing, state in ((Standing.WON, State.REFUNDED), (Standing.LOST, State.LOST)):
        made = settled()
        say(made, AMOUNT, standing)
        assert stands(made) == (state, 0, 0, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(list(Standing)), st.integers(0, AMOUNT + 100)), max_size=6))
def test_any_reports_keep_gifts_totals_and_book_together(reports: list[tuple[Standing, int]]) -> None:
    made = a_payment()
    for standing, refunded in reports:
        payment = say(made, refunded, standing)
        state, received, owed, held = stands(made)
        if payment.state in {State.SETTLED, State.WON}:
            assert owed == AMOUNT - payment.refunded == received + held
        else:
            assert (received, owed, held) == (0, 0, 0), state
        assert sum(Support.objects.filter(person=made.person).values_list("cents", flat=True)) == received
