"""Hearing from the provider: once, however often and by however many; and asking where nothing is heard."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from abonde.core.alone import alone
from abonde.core.clock import present_time
from abonde.giving.actions import rebuild_totals
from abonde.giving.models import ContributionState
from abonde.giving.queries import totals_of
from abonde.payments.actions import carry_out_refund, check_payment, receive_notice, refund_payment
from abonde.payments.hearing import OPEN_FOR, forget_unstarted, hear_waiting, stale_payments
from abonde.payments.models import Notice, Payment, Refund
from abonde.payments.states import State
from abonde.payments.tasks import refund_again
from abonde.sandbox.actions import choose
from abonde.sandbox.signing import HEADER, signed
from abonde.sandbox.states import Choice
from tests.factories import the_manager, unique
from tests.web.giving.worlds import Given, given, settled

pytestmark = pytest.mark.usefixtures("database")


def begun_ago(made: Given, ago: timedelta) -> None:
    Payment.objects.filter(pk=made.payment.pk).update(created_at=present_time() - ago)


def jobs_of(made: Given) -> int:
    wanted = {"payment": str(made.payment.pk)}
    return ProcrastinateJob.objects.filter(task_name="check_payment", args=wanted).count()


def test_the_same_notice_from_ten_at_once_is_kept_once() -> None:
    made = given()
    event = f"event-{made.payment.pk}"
    body = json.dumps({"id": event, "checkout": made.payment.reference}).encode()
    header = signed(settings.SANDBOX_SECRET, present_time(), body)

    def run(_: int) -> None:
        try:
            receive_notice(provider="sandbox", headers={HEADER.lower(): header}, body=body)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(run, range(10)))
    assert Notice.objects.get(event_id=event).handled_at is None


def told_of(made: Given, what: str) -> Notice:
    """The notice that the sandbox's word of it becomes."""
    event = unique("event")
    body = json.dumps({"id": event, "type": what, "checkout": made.payment.reference}).encode()
    header = signed(settings.SANDBOX_SECRET, present_time(), body)
    receive_notice(provider="sandbox", headers={HEADER.lower(): header}, body=body)
    return Notice.objects.get(event_id=event)


def test_what_the_return_page_has_just_learned_is_not_asked_about_again() -> None:
    made = settled()
    assert told_of(made, "checkout.paid").handled_at is not None
    assert told_of(made, "checkout.disputed").handled_at is None
    assert told_of(given(), "checkout.paid").handled_at is None


def test_an_old_word_of_a_payment_is_asked_about_for_it_may_hide_what_came_since() -> None:
    made = settled()
    Payment.objects.filter(pk=made.payment.pk).update(settled_at=present_time() - timedelta(minutes=2))
    assert told_of(made, "checkout.paid").handled_at is None


def test_what_was_notified_is_asked_about_together_once_for_each_payment() -> None:
    made = [given(), given()]
    for one in made:
        choose(checkout_id=one.payment.reference, choice=Choice.PAY)  # type: ignore[arg-type]
    notices = [told_of(one, what) for one in made for what in ("checkout.paid", "checkout.disputed")]
    assert hear_waiting() >= len(made)
    for notice in notices:
        notice.refresh_from_db()
        assert notice.handled_at is not None
    assert {Payment.objects.get(pk=one.payment.pk).state for one in made} == {State.SETTLED}
    assert hear_waiting() == 0
    assert [jobs_of(one) for one in made] == [0, 0]


def test_a_notification_whose_provider_fails_goes_on_alone_and_holds_up_no_other() -> None:
    lost, made = given(), given()
    notices = [told_of(one, "checkout.paid") for one in (lost, made)]
    Payment.objects.filter(pk=lost.payment.pk).update(provider="of-which-nobody-knows")
    choose(checkout_id=made.payment.reference, choice=Choice.PAY)  # type: ignore[arg-type]
    assert hear_waiting() >= len(notices)  # what other tests left is heard, too
    assert hear_waiting() == 0
    for notice in notices:
        notice.refresh_from_db()
        assert notice.handled_at is not None
    assert [jobs_of(one) for one in (lost, made)] == [1, 0]
    assert Payment.objects.get(pk=made.payment.pk).state == State.SETTLED


def test_while_somebody_asks_nobody_else_does() -> None:
    made = given()
    told_of(made, "checkout.paid")

    def elsewhere() -> int:
        try:
            return hear_waiting()
        finally:
            connection.close()

    with alone("hear notifications") as first, ThreadPoolExecutor(1) as pool:
        assert first
        assert pool.submit(elsewhere).result() == 0
    assert hear_waiting() >= 1


def test_return_page_and_jobs_at_once_settle_once() -> None:
    made = given()
    assert made.payment.reference is not None
    choose(checkout_id=made.payment.reference, choice=Choice.PAY)  # type: ignore[arg-type]

    def run(_: int) -> str:
        try:
            return check_payment(payment_id=made.payment.pk).state
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(run, range(10))) == {State.SETTLED}
    assert totals_of(made.round).received == made.pledge.amount
    assert rebuild_totals(made.round) == []


def test_a_page_left_open_for_a_day_has_expired_and_its_money_is_taken_after_all() -> None:
    made = given()
    begun_ago(made, OPEN_FOR - timedelta(minutes=1))
    assert check_payment(payment_id=made.payment.pk).state == State.CREATED
    begun_ago(made, OPEN_FOR + timedelta(minutes=1))
    for _ in range(2):
        assert check_payment(payment_id=made.payment.pk).state == State.EXPIRED
    assert {one.state for one in made.pledge.contributions.all()} == {ContributionState.FAILED}
    assert made.pledge.basket is not None
    assert made.pledge.basket.lines.count() == len(made.projects)
    assert made.at_provider(Choice.PAY).state == State.SETTLED
    assert totals_of(made.round).received == made.pledge.amount


def test_a_debit_on_its_way_does_not_expire() -> None:
    made = given()
    assert made.at_provider(Choice.PAY_LATER).state == State.PENDING
    begun_ago(made, timedelta(days=10))
    assert check_payment(payment_id=made.payment.pk).state == State.PENDING


def test_attempts_of_which_nothing_was_heard_are_asked_about() -> None:
    fresh, silent, done = given(), given(), settled()
    for made in (silent, done):
        begun_ago(made, timedelta(minutes=20))
    asked = stale_payments()
    assert silent.payment.pk in asked
    assert not {fresh.payment.pk, done.payment.pk} & set(asked)


def test_an_attempt_that_the_provider_never_heard_of_is_over_after_a_day() -> None:
    made, fresh = given(), given()
    for one in (made, fresh):
        Payment.objects.filter(pk=one.payment.pk).update(reference=None)
    begun_ago(made, timedelta(days=2))
    assert forget_unstarted() >= 1
    states = [Payment.objects.get(pk=one.payment.pk).state for one in (made, fresh)]
    assert states == [State.EXPIRED, State.CREATED]


def test_a_refund_whose_provider_was_away_for_long_is_asked_for_again() -> None:
    refunds = []
    for ago in (timedelta(hours=2), timedelta(hours=4)):
        made = settled()
        refund = refund_payment(
            person=the_manager(made.round.host), payment_id=made.payment.pk, reason="Une erreur."
        )
        ProcrastinateJob.objects.filter(args={"refund": str(refund.pk)}).update(status="failed")
        Refund.objects.filter(pk=refund.pk).update(asked_at=present_time() - ago)
        refunds.append(refund)
    for _ in range(2):
        refund_again(timestamp=0)
    waiting = [
        ProcrastinateJob.objects.filter(args={"refund": str(refund.pk)}, status="todo").count()
        for refund in refunds
    ]
    assert waiting == [0, 1]
    carry_out_refund(refund_id=refunds[1].pk)
    ProcrastinateJob.objects.filter(args={"refund": str(refunds[1].pk)}).update(status="succeeded")
    refund_again(timestamp=0)
    assert not ProcrastinateJob.objects.filter(args={"refund": str(refunds[1].pk)}, status="todo")
