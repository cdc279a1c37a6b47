"""What is asked about check-outs of the sandbox."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from abonde.core.prepared import prepared
from abonde.sandbox.models import Checkout, Delivery


def checkout_of(checkout: UUID) -> Checkout | None:
    """The check-out of this id."""
    return _checkout.first(checkout)


def deliveries_of(checkout: Checkout) -> list[Delivery]:
    """The notifications that were, or will be, sent about the check-out, each with what it tells of."""
    return _deliveries(checkout.pk)


@prepared
def _checkout(checkout: UUID) -> QuerySet[Checkout]:
    return Checkout.objects.filter(pk=checkout)


@prepared
def _deliveries(checkout: UUID) -> QuerySet[Delivery]:
    return Delivery.objects.filter(happening__checkout=checkout).select_related("happening")
