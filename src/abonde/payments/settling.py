"""What a provider says about a payment becomes what the platform knows: states, gifts, totals and book in one step."""

from __future__ import annotations

from itertools import pairwise
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.prepared import prepared, update_row
from abonde.giving.actions import (
    bring_back_contributions,
    fail_contributions,
    mark_paid,
    settle_contributions,
    take_back_contributions,
)
from abonde.giving.models import ContributionState, Pledge
from abonde.matching.amounts import Cents
from abonde.payments.bookkeeping import write_gifts
from abonde.payments.letters import tell_giver
from abonde.payments.models import Payment, Refund
from abonde.payments.provider import Report, Standing
from abonde.payments.returning import take_return, unasked, without_project
from abonde.payments.states import TRANSITIONS, State
from abonde.rounds.states import State as RoundState

STATE_OF: Final = {
    Standing.PENDING: State.PENDING,
    Standing.PAID: State.PAID,
    Standing.SETTLED: State.SETTLED,
    Standing.FAILED: State.FAILED,
    Standing.EXPIRED: State.EXPIRED,
    Standing.CANCELLED: State.CANCELLED,
    Standing.DISPUTED: State.DISPUTED,
    Standing.WON: State.WON,
    Standing.LOST: State.LOST,
}
CONTESTED: Final = frozenset({State.DISPUTED, State.WON, State.LOST})
ROUTES: Final[tuple[tuple[State, ...], ...]] = (
    (State.SETTLED,),
    (State.SETTLED, State.DISPUTED),
    (State.DISPUTED,),
    (),
)
"""What may lie between the present state and the one reported, the fullest account first."""
COUNTING: Final = frozenset({RoundState.GIVING, RoundState.CLOSED})
"""The states of a round in which money that comes in still counts; later, the result is known."""
MONEY: Final = frozenset({State.PAID, State.SETTLED, State.DISPUTED, State.WON})
"""The states in which a payment's money has come in; one payment of a pledge may be in them."""


def is_news(payment: Payment, report: Report) -> bool:
    """Whether the report would move the payment from where it was last seen, or tells of money that went back."""
    return bool(_way(State(payment.state), report) or unasked(payment, report))


def locked(payment_id: UUID) -> Payment:
    """The payment, locked until commit with its pledge, so that two attempts at one pledge wait for each other."""
    # A wide join takes PostgreSQL far longer to plan than the few rows that some reports need take to be read apart.
    pledge = _locked_pledge.get(payment_id)
    payment = _locked_payment.get(payment_id)
    payment.pledge = pledge
    return payment


@prepared
def _locked_pledge(payment: UUID) -> QuerySet[Pledge]:
    of_payment = Payment.objects.filter(pk=payment).values("pledge")
    rows = Pledge.objects.select_for_update(of=("self",)).select_related(
        "round__host", "round__register", "person"
    )
    return rows.filter(pk__in=of_payment)


@prepared
def _locked_payment(payment: UUID) -> QuerySet[Payment]:
    return Payment.objects.select_for_update().filter(pk=payment)


@atomic(savepoint=False)
def take_report(*, payment_id: UUID, report: Report) -> Payment:
    """Move a payment to where its provider says that it stands. Said twice, or too late, it changes nothing.

    Everything that follows is in the same transaction: contributions, totals, book, event, letter.
    """
    payment = locked(payment_id)
    for state in _way(State(payment.state), report):
        _move(payment, state, report)
        if payment.state != state:  # its money is sent back: what else is reported of it concerns no gift
            break
    if unasked(payment, report):
        if payment.state == State.PAID:  # what was never counted could not be seen to go
            _move(payment, State.SETTLED, report)
        take_return(payment, unasked(payment, report))
    return payment


def _way(state: State, report: Report) -> list[State]:
    """The states still to go through: a report may have overtaken others."""
    target = STATE_OF.get(report.standing)
    if target is None or target == state:
        return []
    # A contested payment was settled first, and a decided dispute was open first, whatever was heard of it.
    for between in ROUTES if target in CONTESTED else ROUTES[-1:]:
        steps = [state, *between, target]
        if all(after in TRANSITIONS[before] for before, after in pairwise(steps)):
            return steps[1:]
    return []


def _move(payment: Payment, state: State, report: Report) -> None:
    before = State(payment.state)
    if state in MONEY and before not in MONEY:
        if _other_has_paid(payment):
            _send_back(payment, report, "gift-paid-twice", "The same gifts were paid twice.")
            return
        if payment.pledge.round.state == RoundState.CALLED_OFF:
            _send_back(payment, report, "gift-called-off", "The round was called off.")
            return
        if payment.pledge.round.state not in COUNTING:
            _send_back(payment, report, "gift-too-late", "The money came after the round's result.")
            return
    payment.state = state
    payment.method = report.method or payment.method
    payment.reason = report.reason[:80]
    if state in {State.PAID, State.SETTLED} and payment.paid_at is None:
        payment.paid_at = report.paid_at or transaction_time()
    if state == State.SETTLED:
        payment.settled_at = transaction_time()
    update_row(payment, "state", "method", "reason", "paid_at", "settled_at")
    record_event(
        actor=None,
        verb=f"payment_{state}",
        subject=payment,
        before={"state": before},
        after={"state": state},
        tenant=payment.pledge.round.host.reference,
    )
    _follow(payment, before, state)


def _follow(payment: Payment, before: State, state: State) -> None:
    pledge = payment.pledge
    match state:
        case State.PAID:
            mark_paid(pledge=pledge)
        case State.SETTLED:
            moved = settle_contributions(pledge=pledge)
            tell_giver(payment, "gift-settled")
            # The book comes last: everybody's payments wait for one account, from its posting to the commit.
            write_gifts(payment, "settled", "A payment is settled.", moved, sign=1)
        case State.FAILED | State.EXPIRED | State.CANCELLED:
            if not _has_live_attempt(pledge):
                fail_contributions(pledge=pledge)
            if before in {State.PENDING, State.PAID}:
                tell_giver(payment, "gift-failed")
        case State.DISPUTED:
            moved = take_back_contributions(pledge=pledge, state=ContributionState.CHARGED_BACK)
            held = without_project(payment)
            name = f"disputed {_times(payment)}"
            write_gifts(payment, name, "A payment is contested.", moved, sign=-1, kept=Cents(-held))
        case State.WON:
            moved = bring_back_contributions(pledge=pledge)
            held = without_project(payment)
            name = f"won {_times(payment)}"
            write_gifts(payment, name, "A contested payment is kept.", moved, sign=1, kept=held)
        case _:
            pass


def _other_has_paid(payment: Payment) -> bool:
    return bool(_others_paid(payment.pledge_id, payment.pk))


@prepared
def _others_paid(pledge: UUID, payment: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(pledge=pledge, state__in=MONEY).exclude(pk=payment)


def _send_back(payment: Payment, report: Report, letter: str, reason: str) -> None:
    """Send back, unasked, money that cannot count. Asked for once, however often it is reported."""
    if report.refunded >= report.amount:  # it came and went without us
        return
    if Refund.objects.filter(payment=payment).exists():
        return
    if State.CANCELLED in TRANSITIONS[State(payment.state)]:
        payment.state = State.CANCELLED
    payment.reason = letter
    payment.save()
    refund = Refund.objects.create(
        payment=payment, amount=report.amount, reason=reason, asked_by=payment.pledge.person
    )
    record_event(
        actor=None,
        verb="send_back_payment",
        subject=payment,
        after={"cents": report.amount, "why": letter},
        tenant=payment.pledge.round.host.reference,
    )
    from abonde.payments.tasks import send_refund

    send_refund.defer(refund=str(refund.pk))
    tell_giver(payment, letter)


def _has_live_attempt(pledge: Pledge) -> bool:
    return (
        Payment.objects.filter(pledge=pledge)
        .exclude(state__in=[State.FAILED, State.EXPIRED, State.CANCELLED])
        .exists()
    )


def _times(payment: Payment) -> int:
    """How often the payment was contested: a provider may do so again after a dispute that was won."""
    from abonde.core.models import Event

    return Event.objects.filter(
        subject_type=payment._meta.label_lower,  # noqa: SLF001  (Django's documented door to a model's name)
        subject_id=str(payment.pk),
        verb=f"payment_{State.DISPUTED}",
    ).count()
