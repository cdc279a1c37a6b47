"""Money that a provider sent back by itself: at its own desk, or because its rules made it."""

from __future__ import annotations

from django.db.models import Sum

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.giving.actions import take_back_contributions
from abonde.giving.models import ContributionState
from abonde.matching.amounts import Cents
from abonde.payments.bookkeeping import write_gifts
from abonde.payments.letters import tell_giver
from abonde.payments.models import Payment, Refund
from abonde.payments.provider import Report
from abonde.payments.states import State

HELD = frozenset({State.PAID, State.SETTLED, State.WON})
"""The states in which a payment's money is here, and may go back."""


def unasked(payment: Payment, report: Report) -> Cents:
    """What went back, by the report, beyond what was asked for here (cents)."""
    if payment.state not in HELD:
        return Cents(0)
    return Cents(max(min(report.refunded, payment.amount) - payment.refunded, 0))


def without_project(payment: Payment) -> Cents:
    """What the host holds of a payment although its gift was taken out, because less than a whole gift went back."""
    taken = payment.pledge.contributions.filter(state=ContributionState.REFUNDED).aggregate(
        cents=Sum("amount")
    )
    return Cents(max((taken["cents"] or 0) - payment.refunded, 0))


def take_return(payment: Payment, cents: Cents) -> None:
    """Let no longer count what a provider sent back, in whole gifts: it does not say for which of them.

    The last gifts go first, until what went back is covered; what they were worth beyond it stays with the host,
    without a project, and is the first to go if more goes back. The caller holds the payment's lock.
    """
    pledge, held = payment.pledge, without_project(payment)
    chosen, covered = [], int(held)
    for gift in pledge.contributions.filter(state=ContributionState.SETTLED).order_by("-id"):
        if covered >= cents:
            break
        chosen.append(gift.pk)
        covered += gift.amount
    moved = take_back_contributions(pledge=pledge, state=ContributionState.REFUNDED, only=chosen)
    refund = Refund.objects.create(
        payment=payment,
        amount=cents,
        reason="The provider sent it back by itself.",
        asked_by=None,
        done_at=transaction_time(),
    )
    kept = Cents(sum(moved.values()) - cents)
    write_gifts(payment, f"return {refund.pk}", "A provider sent gifts back.", moved, sign=-1, kept=kept)
    before = payment.state
    payment.refunded += cents
    if payment.refunded == payment.amount:
        payment.state = State.REFUNDED
        # Nothing is left that a refund asked for here could still send.
        payment.refunds.filter(done_at=None).update(done_at=transaction_time())
    payment.save()
    record_event(
        actor=None,
        verb="payment_refunded",
        subject=payment,
        before={"state": before},
        after={"state": payment.state, "cents": cents, "without_project": held + kept},
        tenant=pledge.round.host.reference,
    )
    tell_giver(payment, "gift-returned", once=str(refund.pk), cents=cents)
