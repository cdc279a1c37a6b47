"""The sandbox provider's own records, as a provider outside would keep them: it knows nothing of Abonde's tables."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.core.money import CentsField


class Outcome(models.TextChoices):
    """What became of a check-out, as the provider sees it."""

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


class Checkout(models.Model):
    """A hosted payment page that a merchant asked for (cents)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_reference = models.CharField(max_length=200, unique=True)
    label = models.CharField(max_length=250)
    amount = CentsField()
    refunded = CentsField(default=0)
    outcome = models.TextField(choices=Outcome, default=Outcome.OPEN)
    return_address = models.URLField(max_length=500)
    notice_address = models.URLField(max_length=500)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_amount"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="sandbox_outcome"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class RefundDone(models.Model):
    """A refund that the provider made, once per key of the merchant (cents)."""

    checkout = models.ForeignKey(Checkout, models.CASCADE, related_name="refunds")
    merchant_key = models.CharField(max_length=200, unique=True)
    amount = CentsField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.merchant_key
