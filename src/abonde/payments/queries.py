"""What is asked about payments."""

from __future__ import annotations

from django.db.models import Count, F, Q, Sum

from abonde.matching.amounts import Cents
from abonde.payments.models import Payment, Refund
from abonde.payments.refunding import REFUNDABLE
from abonde.rounds.models import Round


def money_here(round: Round) -> tuple[int, Cents]:  # noqa: A002  (the word of the domain)
    """How many payments of the round could be sent back, and the cents that are left of them."""
    held = Payment.objects.filter(pledge__round=round, state__in=REFUNDABLE)
    found = held.aggregate(number=Count("pk"), cents=Sum(F("amount") - F("refunded")))
    return found["number"], Cents(found["cents"] or 0)


def on_its_way_back(round: Round) -> tuple[int, int, Cents]:  # noqa: A002  (the word of the domain)
    """Of a round that was called off: refunds done since then, those that the provider is to carry out, and their cents."""
    begun = Refund.objects.filter(payment__pledge__round=round, asked_at__gte=round.called_off_at)
    waits = Q(done_at=None)
    found = begun.aggregate(
        done=Count("pk", filter=~waits), waiting=Count("pk", filter=waits), cents=Sum("amount", filter=waits)
    )
    return found["done"], found["waiting"], Cents(found["cents"] or 0)
