"""The complementary fund of a round: its book, its pots, what funders promise and bring."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.core.editing import Edited
from abonde.core.money import CentsField
from abonde.ledger.models import Account, Book, Transaction
from abonde.matching.amounts import LARGEST_POT
from abonde.organisations.models import Organisation
from abonde.rounds.models import Challenge, Round


class Fund(models.Model):
    """The complementary fund of a round, and the book in which all money of the round is written."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="fund")
    name = models.CharField(max_length=150)
    book = models.OneToOneField(Book, models.PROTECT, related_name="fund")

    def __str__(self) -> str:
        return self.name


class Pot(Edited):
    """An envelope of the fund, and the projects that it may match: of a challenge, of a place, of both, or all."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="pots")
    key = models.SlugField()
    name = models.CharField(max_length=150)
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, blank=True, related_name="pots")
    place = models.CharField(max_length=9, blank=True, help_text="code of a commune")
    account = models.OneToOneField(Account, models.PROTECT, related_name="pot")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["fund", "key"], name="funds_pot_key"),)

    def __str__(self) -> str:
        return self.name


class AgreementState(models.TextChoices):
    """What a funder's promise is worth."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    CANCELLED = "cancelled"


AGREEMENT_TRANSITIONS = {
    AgreementState.PROPOSED: (AgreementState.SIGNED, AgreementState.CANCELLED),
    AgreementState.SIGNED: (),
    AgreementState.CANCELLED: (),
}


class Agreement(Edited):
    """What one funder brings to one pot (cents). Signed, it counts for matching, and only grows by another one."""

    pot = models.ForeignKey(Pot, models.PROTECT, related_name="agreements")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="agreements")
    amount = CentsField()
    state = models.TextField(choices=AgreementState, default=AgreementState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=LARGEST_POT), name="funds_agreement_amount"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AgreementState.values), name="funds_agreement_state"
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.SIGNED)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="funds_agreement_signed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.funder}: {self.amount}"


class Instalment(models.Model):
    """A part of an agreement: when it is due, and the movement of the book by which it came in."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="instalments")
    amount = CentsField()
    due_on = models.DateField()
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    transaction = models.OneToOneField(Transaction, models.PROTECT, null=True, related_name="instalment")

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="funds_instalment_amount"),
            models.CheckConstraint(
                condition=Q(received_at=None, transaction=None)
                | Q(received_at__isnull=False, transaction__isnull=False),
                name="funds_instalment_received",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} on {self.due_on}"


class Returned(models.Model):
    """An instalment that went back to its funder because the round was called off, and the movement of the book."""

    instalment = models.OneToOneField(Instalment, models.PROTECT, related_name="returned")
    transaction = models.OneToOneField(Transaction, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return str(self.instalment)
