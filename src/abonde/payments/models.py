"""Payments: attempts to bring a pledge's money in through a provider, and what the provider said."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.core.money import CentsField
from abonde.giving.models import Pledge
from abonde.payments.states import State


class Payment(models.Model):
    """One attempt to pay one pledge through one provider (cents)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="payments")
    provider = models.SlugField()
    reference = models.CharField(max_length=200, null=True, help_text="the provider's name for it")
    amount = CentsField()
    refunded = CentsField(default=0)
    method = models.SlugField(blank=True, help_text="card, sepa_debit, …")
    state = models.TextField(choices=State, default=State.CREATED)
    reason = models.CharField(max_length=80, blank=True, help_text="why it failed, as a code")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    paid_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["provider", "reference"], name="payments_reference_once"),
            models.UniqueConstraint(
                fields=["pledge"],
                condition=Q(state__in=[State.PAID, State.SETTLED, State.DISPUTED, State.WON]),
                name="payments_pledge_paid_once",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="payments_state"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_amount"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=models.F("amount")), name="payments_refunded"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Notice(models.Model):
    """A provider's notification as it came: a hint, stored once. While `handled_at` is absent, it waits to be asked about."""

    provider = models.SlugField()
    event_id = models.CharField(max_length=200)
    body = models.TextField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="notices")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["provider", "event_id"], name="payments_notice_once"),)
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(handled_at=None, payment__isnull=False),
                name="payments_notice_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class Refund(models.Model):
    """Money that goes back to the giver (cents), asked for once under its id, or sent back by the provider itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = CentsField()
    reason = models.TextField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="nobody where the provider sent it back by itself",
    )
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    done_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_amount"),
            models.CheckConstraint(condition=~Q(reason=""), name="payments_refund_reason"),
        )

    def __str__(self) -> str:
        return str(self.pk)
