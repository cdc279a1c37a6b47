"""Money that goes back to its giver."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.giving.actions import take_back_contributions
from abonde.giving.models import ContributionState
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.payments.bookkeeping import write_gifts
from abonde.payments.letters import tell_giver
from abonde.payments.models import Payment, Refund
from abonde.payments.providers import provider_named
from abonde.payments.settling import locked
from abonde.payments.states import State
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState

REFUNDABLE = frozenset({State.SETTLED, State.WON})
TRIED_FOR = timedelta(hours=3)
"""How long the job of a refund tries by itself."""
ASK_UNTIL = timedelta(days=30)


@atomic
def refund_payment(
    *, person: Person, payment_id: UUID, reason: str, contributions: Collection[int] | None = None
) -> Refund:
    """Send a payment back, or only some of its contributions (by number): they no longer count from this moment.

    `person` is the host's treasurer. The provider is asked by a job, once. Raises NotAllowed, NotNow, Refusal.
    """
    payment = locked(payment_id)
    pledge = payment.pledge
    require_role(person, pledge.round.host, Role.TREASURER)
    require_second_factor(person)
    if not reason.strip():
        raise Refusal("Say why the money goes back: the giver reads it.")
    if payment.state not in REFUNDABLE:
        raise NotNow("This payment cannot be sent back: it is not settled, or is contested.")
    refund = _send_back(payment, reason.strip(), contributions, person=person)
    if refund is None:
        raise NotNow("These gifts have already been sent back.")
    return refund


def send_back_called_off(*, round_id: int) -> int:
    """Send every payment of a round that was called off back, each in a transaction of its own; how many were left to.

    Called again, after a crash or for money that came in since, it goes on with what is left.
    """
    round_ = Round.objects.get(pk=round_id, state=RoundState.CALLED_OFF)
    left = Payment.objects.filter(pledge__round=round_, state__in=REFUNDABLE).order_by("created_at")
    done = 0
    for payment_id in left.values_list("pk", flat=True):
        with atomic():
            payment = locked(payment_id)
            if payment.state in REFUNDABLE:
                done += _send_back(payment, round_.called_off_because, None, person=None) is not None
    return done


def _send_back(
    payment: Payment, reason: str, contributions: Collection[int] | None, *, person: Person | None
) -> Refund | None:
    """Take the gifts of a locked payment back and ask its provider; None where nothing is left of them."""
    pledge = payment.pledge
    moved = take_back_contributions(pledge=pledge, state=ContributionState.REFUNDED, only=contributions)
    if not moved:
        return None
    amount = Cents(sum(moved.values()))
    refund = Refund.objects.create(payment=payment, amount=amount, reason=reason, asked_by=person)
    write_gifts(payment, f"refund {refund.pk}", "Gifts are sent back.", moved, sign=-1)
    payment.refunded += amount
    if payment.refunded == payment.amount:
        payment.state = State.REFUNDED
    payment.save()
    record_event(
        actor=person.actor if person else None,
        verb="refund_payment",
        subject=payment,
        after={"cents": amount, "refund": str(refund.pk)},
        tenant=pledge.round.host.reference,
    )
    tell_giver(payment, "gift-refunded", once=str(refund.pk), cents=amount, reason=refund.reason)
    from abonde.payments.tasks import send_refund

    send_refund.defer(refund=str(refund.pk))
    return refund


def carry_out_refund(*, refund_id: UUID) -> None:
    """Ask the provider to send the money back; asked again after a crash, it is the same refund. Raises Unreachable."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.done_at is not None:
        return
    payment = refund.payment
    if payment.reference is None:
        raise NotNow("This payment has no name at its provider yet.")
    provider_named(payment.provider).refund(
        payment.reference, key=str(refund.pk), amount=Cents(refund.amount)
    )
    with atomic():
        done = Refund.objects.filter(pk=refund.pk, done_at=None).update(done_at=transaction_time())
        if done:
            record_event(
                actor=None,
                verb="carry_out_refund",
                subject=payment,
                after={"refund": str(refund.pk), "cents": refund.amount},
                tenant=payment.pledge.round.host.reference,
            )


def waiting_refunds() -> list[UUID]:
    """Refunds that no provider has carried out although their job has used up its tries."""
    return list(
        Refund.objects.filter(
            done_at=None, asked_at__lt=Now() - TRIED_FOR, asked_at__gt=Now() - ASK_UNTIL
        ).values_list("pk", flat=True)
    )


def called_off_with_money() -> list[int]:
    """The rounds that were called off and of which some payment is still here."""
    held = Payment.objects.filter(pledge__round__state=RoundState.CALLED_OFF, state__in=REFUNDABLE)
    return sorted(set(held.values_list("pledge__round", flat=True)))
