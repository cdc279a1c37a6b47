"""Hearing from providers: notifications are hints, stored once; the truth is asked for."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.db.transaction import atomic

from abonde.core.alone import alone
from abonde.core.clock import present_time, transaction_time
from abonde.core.prepared import insert_unless_there, prepared
from abonde.matching.amounts import Cents
from abonde.payments.models import Notice, Payment
from abonde.payments.provider import Forged, Hint, Report, Standing
from abonde.payments.providers import provider_named
from abonde.payments.settling import is_news, take_report
from abonde.payments.starting import UNDECIDED
from abonde.payments.states import State

ASK_AGAIN_AFTER = timedelta(minutes=10)
ASK_UNTIL = timedelta(days=30)
JUST_NOW = timedelta(minutes=1)
AT_ONCE: Final = 200
"""How many notices that wait are looked up in one query."""

OPEN_FOR = timedelta(days=1)
"""How long a person may leave the provider's page open; money that comes later is taken all the same."""

logger = logging.getLogger(__name__)


def receive_notice(*, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Store a notification that is the provider's own, once; within seconds a job asks what is true (`hear_waiting`).

    Where the return page has just asked, and the notification tells what is known, nobody asks again.
    Raises Forged, NoProvider.
    """
    hint = provider_named(provider).notify(headers, body)
    if not (hint.event_id + hint.reference).isprintable():
        raise Forged("This notification names an event or an attempt with characters that no name has.")
    payment = _named.first(provider, hint.reference)
    notice = Notice(
        provider=provider,
        event_id=hint.event_id,
        body=body.decode("utf-8", "replace").replace("\0", "\ufffd"),
        payment=payment,
        handled_at=_handled(payment, hint) if payment else None,
    )
    insert_unless_there(notice)


def _handled(payment: Payment, hint: Hint) -> datetime | None:
    """Now, where the payment settled a moment ago as the notification tells. An older one may hide what came since."""
    if hint.tells != Standing.SETTLED or payment.state != State.SETTLED or payment.settled_at is None:
        return None
    now = transaction_time()
    return now if now - payment.settled_at < JUST_NOW else None


def hear_waiting() -> int:
    """Ask about every payment of which a notification waits; how many. Where a provider fails, a job of its own asks again.

    What was notified waits in the database until its answer is written beside it: a worker that dies loses nothing.
    """
    heard = last = 0
    with alone("hear notifications") as first:
        while first and (rows := _waiting(last)):
            last = rows[-1][0]
            waiting: dict[UUID, list[int]] = {}
            for notice, payment in rows:
                waiting.setdefault(payment, []).append(notice)
            for payment, notices in waiting.items():
                try:
                    check_payment(payment_id=payment, notices=notices)
                except Exception as failure:  # noqa: BLE001  (whatever a provider answers; the others must not wait for it)
                    logger.warning("A notification waits for its next try: %s", type(failure).__name__)
                    _ask_later(payment, notices)
            heard += len(waiting)
    return heard


@prepared
def _waiting(after: int) -> QuerySet[Notice, tuple[int, UUID]]:
    rows = Notice.objects.filter(handled_at=None, payment__isnull=False, pk__gt=after)
    return rows.order_by("pk").values_list("pk", "payment")[:AT_ONCE]


def _ask_later(payment: UUID, notices: Collection[int]) -> None:
    from abonde.payments.tasks import check

    with atomic():
        check.defer(payment=str(payment))
        Notice.objects.filter(pk__in=notices).update(handled_at=transaction_time())


def check_payment(*, payment_id: UUID, notices: Collection[int] = ()) -> Payment:
    """What `ask_about` does, for a payment by its number."""
    return ask_about(_payment.get(payment_id), notices=notices)


def ask_about(payment: Payment, *, notices: Collection[int] = ()) -> Payment:
    """Ask the provider where the payment stands, and take its answer. The return page does so too: the first one moves it.

    With it, these notices of the payment (by number) are handled. An attempt that was left on the provider's page for
    longer than OPEN_FOR has expired. Raises Unreachable, NoProvider.
    """
    if payment.reference is None:
        return payment
    report = provider_named(payment.provider).fetch(payment.reference)
    if report.standing == Standing.OPEN and present_time() - payment.created_at > OPEN_FOR:
        report = replace(report, standing=Standing.EXPIRED)
    with atomic():
        if is_news(payment, report):
            payment = take_report(payment_id=payment.pk, report=report)
        if notices:
            Notice.objects.filter(pk__in=notices, handled_at=None).update(handled_at=transaction_time())
    return payment


@prepared
def _named(provider: str, reference: str) -> QuerySet[Payment]:
    return Payment.objects.filter(provider=provider, reference=reference)


@prepared
def _payment(payment: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(pk=payment)


def stale_payments() -> list[UUID]:
    """Attempts of which nothing was heard for a while: a notification may have been lost."""
    return list(
        Payment.objects.filter(
            Q(state__in=[*UNDECIDED, State.PAID]),
            reference__isnull=False,
            created_at__lt=Now() - ASK_AGAIN_AFTER,
            created_at__gt=Now() - ASK_UNTIL,
        )
        .order_by(F("created_at"))
        .values_list("pk", flat=True)
    )


def forget_unstarted(*, older_than: timedelta = OPEN_FOR) -> int:
    """Attempts that no provider ever heard of are over. How many."""
    lost = Payment.objects.filter(state=State.CREATED, reference=None, created_at__lt=Now() - older_than)
    for payment in lost:
        take_report(
            payment_id=payment.pk, report=Report(standing=Standing.EXPIRED, amount=Cents(payment.amount))
        )
    return len(lost)
