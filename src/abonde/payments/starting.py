"""Beginning to pay a pledge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.db.transaction import atomic
from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.core.clock import present_time
from abonde.core.events import record_event
from abonde.core.postgresql.asking import ask
from abonde.core.prepared import insert_row, prepared
from abonde.core.transitions import NotNow
from abonde.giving.baskets import closed
from abonde.giving.models import Pledge
from abonde.matching.amounts import Cents
from abonde.payments.models import Payment
from abonde.payments.provider import Order
from abonde.payments.providers import present_provider
from abonde.payments.states import State
from abonde.rounds.queries import is_open_for_gifts

UNDECIDED = (State.CREATED, State.PENDING)
LONGEST_LABEL = 250

_NAMED: Final = (
    "UPDATE payments_payment SET reference = coalesce(reference, %s) WHERE id = %s RETURNING reference"
)
"""The provider's name for an attempt; of two clicks at once, the first one's stays."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt to pay, and the provider's page on which the person pays."""

    payment: Payment
    address: str


def start_payment(*, pledge: Pledge) -> Begun:
    """Begin to pay a pledge, or go on with the attempt that is under way: two clicks make one attempt.

    The attempt is written before the provider hears of it, and the provider knows it by our key: wherever a crash falls,
    the next click finds the same one. Raises NotNow once the pledge is paid, NoProvider, Unreachable.
    """
    provider = present_provider()
    payment = _attempt(pledge, provider.name)
    started = provider.start(
        Order(
            key=str(payment.pk),
            label=_("Gifts to the projects of {round}").format(round=pledge.round.name)[:LONGEST_LABEL],
            amount=Cents(payment.amount),
            return_address=_address("payment-return", str(payment.pk)),
            notice_address=_address("payment-notice", provider.name),
        )
    )
    if payment.reference is None:
        ((payment.reference,),) = ask(_NAMED, [started.reference, payment.pk])
    return Begun(payment, started.address)


@atomic
def _attempt(pledge: Pledge, provider: str) -> Payment:
    _lock.get(pledge.pk)
    attempts = _attempts(pledge.pk)
    if any(attempt.state in {State.PAID, State.SETTLED, State.WON, State.DISPUTED} for attempt in attempts):
        raise NotNow("These gifts are already paid. Thank you!")
    for attempt in reversed(attempts):
        if attempt.state in UNDECIDED and attempt.provider == provider:
            return attempt
    if attempts:
        _require_open(pledge)
    payment = Payment(pledge=pledge, provider=provider, amount=pledge.amount)
    insert_row(payment)
    record_event(
        actor=pledge.person.actor,
        verb="start_payment",
        subject=payment,
        after={"cents": payment.amount, "provider": provider},
        tenant=pledge.round.host.reference,
    )
    return payment


@prepared
def _lock(pledge: UUID) -> QuerySet[Pledge]:
    return Pledge.objects.select_for_update().filter(pk=pledge)


@prepared
def _attempts(pledge: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(pledge=pledge).order_by("created_at")


def _require_open(pledge: Pledge) -> None:
    """A further attempt is a further promise: it is made while the round takes gifts, or not at all."""
    if not is_open_for_gifts(pledge.round, present_time()):
        raise closed(pledge.round)


def _address(name: str, part: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[part])}"
