"""The jobs of payments."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

PATIENT = RetryStrategy(max_attempts=12, exponential_wait=2)


@app.task(name="check_payment", queue="payments", retry=PATIENT)
def check(*, payment: str) -> None:
    """Ask the provider where a payment stands."""
    from abonde.payments.hearing import check_payment

    close_old_connections()
    check_payment(payment_id=UUID(payment))


@app.periodic(cron="* * * * * */2")
@app.task(name="hear_waiting", queue="payments", queueing_lock="hear_waiting")
def hear_waiting(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Every two seconds: ask about what providers notified. One job for many costs what it costs for one."""
    from abonde.payments.hearing import hear_waiting as hear

    close_old_connections()
    hear()


@app.task(name="send_refund", queue="payments", retry=PATIENT)
def send_refund(*, refund: str) -> None:
    """Ask the provider to send money back."""
    from abonde.payments.refunding import carry_out_refund

    close_old_connections()
    carry_out_refund(refund_id=UUID(refund))


@app.periodic(cron="*/10 * * * *")
@app.task(name="ask_again", queue="payments", queueing_lock="ask_again")
def ask_again(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Ask about every attempt of which nothing was heard, each in a job of its own."""
    from abonde.payments.hearing import forget_unstarted, stale_payments

    close_old_connections()
    for payment in stale_payments():
        check.defer(payment=str(payment))
    forget_unstarted()


@app.task(name="send_back_called_off", queue="payments", retry=PATIENT)
def send_back_called_off(*, round_id: int) -> None:
    """Send back all payments of a round that was called off."""
    from abonde.payments.refunding import send_back_called_off as send_back

    close_old_connections()
    send_back(round_id=round_id)


@app.periodic(cron="37 * * * *")
@app.task(name="send_back_rest", queue="payments", queueing_lock="send_back_rest")
def send_back_rest(timestamp: int) -> None:  # noqa: ARG001
    """Each hour: what came in after a round was called off, or was contested when it was, goes back too."""
    from abonde.payments.refunding import called_off_with_money

    close_old_connections()
    for round_id in called_off_with_money():
        send_back_called_off.defer(round_id=round_id)


@app.periodic(cron="17 * * * *")
@app.task(name="refund_again", queue="payments", queueing_lock="refund_again")
def refund_again(timestamp: int) -> None:  # noqa: ARG001
    """Each hour: a provider that was away for long is asked for its refunds again."""
    from abonde.payments.refunding import waiting_refunds

    close_old_connections()
    for refund in waiting_refunds():
        with suppress(AlreadyEnqueued):
            send_refund.configure(queueing_lock=f"refund {refund}").defer(refund=str(refund))
