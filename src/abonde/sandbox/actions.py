"""What merchants ask of the sandbox, and what visitors of its page do. Money is in cents; nothing of it is real."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.prepared import insert_row, insert_unless_there, prepared, update_row
from abonde.core.transitions import NotNow
from abonde.matching.amounts import LARGEST_GIFT, Cents, Euros
from abonde.matching.refusal import Refusal
from abonde.sandbox import tasks
from abonde.sandbox.addresses import require_own_address
from abonde.sandbox.models import SOON, Checkout, Happening, Manner, Method, RefundDone
from abonde.sandbox.states import REFUNDABLE, RESULT, TRANSITIONS, Choice, State, not_in
from abonde.sandbox.telling import happened

LONGEST_DELAY: Final = timedelta(days=1)


@atomic
def open_checkout(
    *, merchant_reference: str, label: str, amount: Cents, return_address: str, notice_address: str
) -> Checkout:
    """A hosted page for an amount (cents), or the one opened before under the same reference.

    Raises Refusal for an amount that no one pays, for a reference used with another amount, and for addresses that are
    neither this machine's nor this installation's.
    """
    if not 0 < amount <= LARGEST_GIFT:
        raise Refusal(
            "The sandbox takes amounts from {smallest} to {largest}.",
            smallest=Euros(1),
            largest=Euros(LARGEST_GIFT),
        )
    require_own_address(return_address)
    require_own_address(notice_address)
    checkout = Checkout(
        merchant_reference=merchant_reference,
        label=label,
        amount=amount,
        return_address=return_address,
        notice_address=notice_address,
    )
    if insert_unless_there(checkout):
        insert_row(Happening(checkout=checkout, number=1, what=State.OPEN))
    else:  # a second click
        checkout = Checkout.objects.get(merchant_reference=merchant_reference)
    if checkout.amount != amount:
        raise Refusal(
            "The reference {reference} was used before with another amount: each attempt needs its own.",
            reference=merchant_reference,
        )
    return checkout


@atomic
def choose(
    *, checkout_id: UUID, choice: Choice, manner: Manner = Manner.AT_ONCE, delay: timedelta = SOON
) -> Checkout:
    """Do what the visitor of the hosted page chose; the merchant hears of it in the manner they chose.

    `delay` is how long a payment stays on its way, and how late a late notification comes. Chosen twice, it happens
    once. Raises NotNow where the table of states does not allow it, Refusal for a delay out of bounds.
    """
    if not timedelta(0) <= delay <= LONGEST_DELAY:
        raise Refusal("Choose a delay of at most {hours} hours.", hours=24)
    checkout = _locked.get(checkout_id)
    after = RESULT[choice]
    if checkout.state == after:
        return checkout
    _require_move(checkout, after)
    checkout.manner, checkout.delay = manner, delay
    if choice == Choice.PAY_LATER:
        checkout.method = Method.DEBIT
        checkout.due_at = transaction_time() + delay
        tasks.pay_when_due.configure(schedule_at=checkout.due_at).defer(checkout=str(checkout.pk))
    return _move(checkout, after)


@atomic
def pay_when_due(*, checkout_id: UUID) -> Checkout:
    """Pay what is on its way, now that its delay is over. Paid or refused meanwhile, it stays so."""
    checkout = Checkout.objects.select_for_update().get(pk=checkout_id)
    if checkout.state == State.PENDING and checkout.due_at and checkout.due_at <= transaction_time():
        return _move(checkout, State.PAID)
    return checkout


@atomic
def refund(*, checkout_id: UUID, merchant_key: str, amount: Cents) -> RefundDone:
    """Send cents back, in whole or in part, once per key of the merchant.

    Raises NotNow where nothing can be sent back, Refusal for more than what is left or a key used for something else.
    """
    checkout = Checkout.objects.select_for_update().get(pk=checkout_id)
    known = RefundDone.objects.filter(merchant_key=merchant_key).first()
    if known is not None:
        if (known.checkout_id, known.amount) != (checkout.pk, amount):
            raise Refusal(
                "The key {key} was used before for another refund: each refund needs its own.",
                key=merchant_key,
            )
        return known
    state = State(checkout.state)
    if state not in REFUNDABLE:
        raise not_in(state)
    if not 0 < amount <= checkout.amount - checkout.refunded:
        raise Refusal(
            "A refund is more than zero and at most the {left} that are left of the payment.",
            left=Euros(checkout.amount - checkout.refunded),
        )
    checkout.refunded += amount
    if checkout.refunded == checkout.amount:
        checkout.state = State.REFUNDED
    checkout.save(update_fields=["refunded", "state"])
    done = RefundDone.objects.create(checkout=checkout, merchant_key=merchant_key, amount=amount)
    happened(checkout, State.REFUNDED, transaction_time())
    return done


@prepared
def _locked(checkout: UUID) -> QuerySet[Checkout]:
    return Checkout.objects.select_for_update().filter(pk=checkout)


def _require_move(checkout: Checkout, after: State) -> None:
    before = State(checkout.state)
    if after not in TRANSITIONS[before]:
        raise not_in(before)
    if after == State.DISPUTED and checkout.refunded:
        raise NotNow("Part of this payment was sent back: only a whole payment can be contested here.")


def _move(checkout: Checkout, after: State) -> Checkout:
    checkout.state, now = after, transaction_time()
    if after == State.PAID:
        checkout.paid_at = now
    if after == State.REFUNDED:
        checkout.refunded = checkout.amount
    update_row(checkout, "state", "method", "manner", "delay", "due_at", "paid_at", "refunded")
    happened(checkout, after, now)
    return checkout
