"""The sandbox provider's own records, as a provider outside would keep them: it knows nothing of Abonde's tables."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from abonde.core.money import CentsField
from abonde.sandbox.states import PAID_ONCE, State

SOON: Final = timedelta(seconds=10)


class Method(models.TextChoices):
    """How a check-out is paid: at once, or by a debit that takes its time."""

    CARD = "card"
    DEBIT = "sepa_debit"


class Manner(models.TextChoices):
    """How the merchant hears of what happens."""

    AT_ONCE = "at_once"
    LATE = "late"
    TWICE = "twice"
    OUT_OF_ORDER = "out_of_order"
    NEVER = "never"


class Checkout(models.Model):
    """A hosted payment page that a merchant asked for (cents). `delay` is how long its visitor makes others wait."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_reference = models.CharField(max_length=200, unique=True)
    label = models.CharField(max_length=250)
    amount = CentsField()
    refunded = CentsField(default=0)
    state = models.TextField(choices=State, default=State.OPEN)
    method = models.TextField(choices=Method, default=Method.CARD)
    manner = models.TextField(choices=Manner, default=Manner.AT_ONCE)
    delay = models.DurationField(default=SOON)
    return_address = models.URLField(max_length=500)
    notice_address = models.URLField(max_length=500)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    due_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_amount"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="sandbox_state"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="sandbox_refunded"
            ),
            models.CheckConstraint(
                condition=Q(state=State.REFUNDED, refunded=F("amount"))
                | (~Q(state=State.REFUNDED) & Q(refunded__lt=F("amount"))),
                name="sandbox_all_refunded",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PAID_ONCE, paid_at__isnull=False)
                | (~Q(state__in=PAID_ONCE) & Q(paid_at=None)),
                name="sandbox_paid_at",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PENDING) | Q(due_at__isnull=False), name="sandbox_due_at"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class RefundDone(models.Model):
    """A refund that the provider made, once per key of the merchant (cents)."""

    checkout = models.ForeignKey(Checkout, models.CASCADE, related_name="refunds")
    merchant_key = models.CharField(max_length=200, unique=True)
    amount = CentsField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_refund_amount"),)

    def __str__(self) -> str:
        return self.merchant_key


class Happening(models.Model):
    """Something that happened to a check-out, of which the merchant may be told; its id is the notification's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    checkout = models.ForeignKey(Checkout, models.CASCADE, related_name="happenings")
    number = models.PositiveIntegerField()
    what = models.TextField(choices=State)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["checkout", "number"], name="sandbox_happening_number"),
        )

    def __str__(self) -> str:
        return f"checkout.{self.what}"


class Delivery(models.Model):
    """One notification on its way to the merchant: a happening that is told twice has two. `answer` is the last status."""

    happening = models.ForeignKey(Happening, models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    answer = models.PositiveSmallIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        """In the order in which they are meant to arrive."""

        ordering = ("due_at", "pk")
        indexes = (models.Index("due_at", condition=Q(delivered_at=None), name="sandbox_delivery_due"),)

    def __str__(self) -> str:
        return f"{self.happening} {self.pk}"
