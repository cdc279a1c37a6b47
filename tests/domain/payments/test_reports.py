"""Whatever a provider says, in whatever order and however often: states, gifts, totals and book agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from abonde.core.transitions import NotNow
from abonde.giving.actions import rebuild_totals
from abonde.giving.models import ContributionState, Pledge
from abonde.giving.queries import totals_of
from abonde.ledger.models import Transaction
from abonde.ledger.queries import balance_of, check_book
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed
from abonde.payments.actions import refund_payment, take_report
from abonde.payments.bookkeeping import clearing_of
from abonde.payments.models import Payment, Refund
from abonde.payments.provider import Report, Standing
from abonde.payments.settling import MONEY
from abonde.payments.states import State
from abonde.rounds.states import State as RoundState
from tests.factories import (
    a_person,
    a_pledge,
    a_project,
    a_round,
    a_voice,
    an_agent,
    an_organisation,
    the_manager,
)

pytestmark = pytest.mark.usefixtures("database")

COUNTS = {State.SETTLED, State.WON}


def a_payment(pledge: Pledge | None = None) -> Payment:
    if pledge is None:
        round_ = a_round()
        person = a_person()
        a_voice(person, round_)
        pledge = a_pledge(person, {a_project(round_): 1000, a_project(round_): 2500})
    return Payment.objects.create(pledge=pledge, provider="sandbox", amount=pledge.amount)


def say(payment: Payment, standing: Standing) -> State:
    report = Report(standing=standing, amount=Cents(payment.amount), method="card")
    return State(take_report(payment_id=payment.pk, report=report).state)


def held(payment: Payment) -> int:
    return balance_of(clearing_of(payment))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(list(Standing)), max_size=7))
@example([Standing.PAID, Standing.WON])
@example([Standing.PAID, Standing.DISPUTED, Standing.WON])
def test_any_order_of_reports_keeps_gifts_totals_and_book_together(reports: list[Standing]) -> None:
    payment = a_payment()
    for standing in reports:
        before = Payment.objects.get(pk=payment.pk).state
        after = say(payment, standing)
        assert say(payment, standing) == after, "said twice, it changes nothing more"
        assert after in set(State)
        assert before not in {State.LOST, State.REFUNDED} or after == before
    payment.refresh_from_db()
    counts = payment.state in COUNTS
    assert totals_of(payment.pledge.round).received == (payment.amount if counts else 0)
    assert held(payment) == (payment.amount if counts else 0)
    states = set(payment.pledge.contributions.values_list("state", flat=True))
    assert (states == {ContributionState.SETTLED}) == counts
    assert rebuild_totals(payment.pledge.round) == []
    assert not check_book(payment.pledge.round.fund.book).faults


def test_a_report_that_overtook_others_goes_their_way() -> None:
    payment = a_payment()
    assert say(payment, Standing.LOST) == State.LOST
    assert Transaction.objects.filter(book=payment.pledge.round.fund.book, kind="gift").count() == 2
    assert totals_of(payment.pledge.round).received == 0


def test_money_that_comes_after_all_is_taken() -> None:
    payment = a_payment()
    assert say(payment, Standing.EXPIRED) == State.EXPIRED
    assert say(payment, Standing.SETTLED) == State.SETTLED
    assert totals_of(payment.pledge.round).received == 3500


def test_gifts_paid_twice_are_counted_once_and_the_second_money_goes_back() -> None:
    first = a_payment()
    second = a_payment(first.pledge)
    assert say(first, Standing.SETTLED) == State.SETTLED
    for _ in range(2):
        assert say(second, Standing.SETTLED) == State.CANCELLED
    assert Refund.objects.get(payment=second).amount == 3500
    assert totals_of(first.pledge.round).received == held(first) == 3500


@pytest.mark.parametrize("standing", [Standing.DISPUTED, Standing.WON, Standing.LOST])
def test_a_dispute_of_a_second_payment_touches_no_gift(standing: Standing) -> None:
    first = a_payment()
    second = a_payment(first.pledge)
    say(first, Standing.SETTLED)
    assert say(second, standing) == State.CANCELLED
    assert totals_of(first.pledge.round).received == 3500
    assert held(first) == 3500


def test_money_that_comes_after_the_result_goes_back() -> None:
    payment = a_payment()
    round_ = payment.pledge.round
    for state in (RoundState.CLOSED, RoundState.PROVISIONAL):
        round_.state = state
        round_.save()
    assert say(payment, Standing.SETTLED) == State.CANCELLED
    assert Refund.objects.get(payment=payment).amount == 3500
    assert totals_of(round_).received == 0


def test_the_same_report_from_many_at_once_settles_once() -> None:
    payment = a_payment()

    def run(_: int) -> State:
        try:
            return say(payment, Standing.SETTLED)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(run, range(10))) == {State.SETTLED}
    assert totals_of(payment.pledge.round).received == held(payment) == 3500


def test_the_first_payments_of_a_round_at_once_are_all_written_in_the_book() -> None:
    round_ = a_round()
    projects = [a_project(round_) for _ in range(3)]
    payments = []
    for number in range(20):
        person = a_person()
        a_voice(person, round_)
        payments.append(
            a_payment(a_pledge(person, dict.fromkeys(projects[:: -1 if number % 2 else 1], 500 + number)))
        )

    def run(payment: Payment) -> State:
        try:
            return say(payment, Standing.SETTLED)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(run, payments)) == {State.SETTLED}
    cents = sum(payment.amount for payment in payments)
    assert totals_of(round_).received == held(payments[0]) == cents
    assert rebuild_totals(round_) == []
    assert not check_book(round_.fund.book).faults


def test_one_line_goes_back_then_the_rest() -> None:
    payment = a_payment()
    say(payment, Standing.SETTLED)
    treasurer = an_agent(payment.pledge.round.host, Role.TREASURER)
    small = payment.pledge.contributions.get(amount=1000)
    assert (
        refund_payment(
            person=treasurer, payment_id=payment.pk, reason="Withdrawn.", contributions=[small.pk]
        ).amount
        == 1000
    )
    payment.refresh_from_db()
    assert (payment.state, payment.refunded, held(payment)) == (State.SETTLED, 1000, 2500)
    with pytest.raises(NotNow, match="already been sent back"):
        refund_payment(person=treasurer, payment_id=payment.pk, reason="Again.", contributions=[small.pk])
    refund_payment(person=treasurer, payment_id=payment.pk, reason="The rest.")
    payment.refresh_from_db()
    assert (payment.state, payment.refunded, held(payment)) == (State.REFUNDED, 3500, 0)
    assert totals_of(payment.pledge.round).received == 0
    assert rebuild_totals(payment.pledge.round) == []


def test_only_the_treasurer_of_the_host_sends_money_back_and_says_why() -> None:
    payment = a_payment()
    say(payment, Standing.SETTLED)
    host = payment.pledge.round.host
    for stranger in (
        a_person(),
        payment.pledge.person,
        an_agent(host, Role.REVIEWER),
        the_manager(an_organisation()),
    ):
        with pytest.raises(NotAllowed):
            refund_payment(person=stranger, payment_id=payment.pk, reason="Please.")
    with pytest.raises(NotAllowed):
        refund_payment(
            person=an_agent(host, Role.TREASURER, second_factor=False), payment_id=payment.pk, reason="x"
        )
    with pytest.raises(Refusal, match="Say why"):
        refund_payment(person=the_manager(host), payment_id=payment.pk, reason="  ")
    payment.refresh_from_db()
    assert payment.state == State.SETTLED
    assert payment.state in MONEY
