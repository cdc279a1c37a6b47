"""Books, accounts, transactions and postings. What joins several rows is held by triggers: see the migrations."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.core.money import CentsField

LARGEST_POSTING: Final = 10**15
"""Cents. No posting is larger, so that no balance overflows."""


class Side(models.IntegerChoices):
    """The side on which an account grows; as a factor it turns debit-positive cents into what the account holds."""

    DEBIT = 1
    CREDIT = -1


class Kind(models.TextChoices):
    """What an account is for."""

    BANK = "bank"
    PROVIDER_CLEARING = "provider_clearing"
    FEES = "fees"
    GRANTS = "grants"
    DONOR_INCOME = "donor_income"
    FUNDER_INCOME = "funder_income"
    POT = "pot"
    PROJECT = "project"

    @property
    def side(self) -> Side:
        """Assets and expenses grow in debit; income and what is held for pots and projects, in credit."""
        debit = {Kind.BANK, Kind.PROVIDER_CLEARING, Kind.FEES, Kind.GRANTS}
        return Side.DEBIT if self in debit else Side.CREDIT


class Book(models.Model):
    """The accounts of one fund of one host."""

    key = models.TextField(unique=True)
    title = models.TextField()

    def __str__(self) -> str:
        return self.title


class Account(models.Model):
    """One account of a book. Its title and code may be mended; what decides on money is fixed when it is opened."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts")
    key = models.TextField()
    title = models.TextField()
    kind = models.TextField(choices=Kind)
    side = models.SmallIntegerField(choices=Side)
    code = models.TextField(null=True, help_text="the account's number in the French chart (ANC 2018-06)")
    never_negative = models.BooleanField(default=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["book", "key"], name="ledger_account_key"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="ledger_account_kind"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="ledger_account_side"),
            models.CheckConstraint(condition=Q(code__regex=r"^[1-9][0-9]{1,9}$"), name="ledger_account_code"),
        )

    def __str__(self) -> str:
        return self.title


class AccountBalance(models.Model):
    """The sum of an account's postings. Only the trigger of a posting writes it."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="kept")
    cents = CentsField(default=0)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.cents}"


class Transaction(models.Model):
    """What happened, when, by whom: two postings or more that sum to 0. Append-only."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="transactions")
    kind = models.TextField()
    sentence = models.TextField(help_text="what happened, for the reader of the book, without personal data")
    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.TextField(null=True)
    idempotency_key = models.TextField()
    metadata = models.JSONField(default=dict)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["book", "idempotency_key"], name="ledger_transaction_once"),
            models.CheckConstraint(condition=~Q(idempotency_key=""), name="ledger_transaction_key_written"),
            models.CheckConstraint(
                condition=Q(actor=None) | Q(actor__regex=r"^[a-z_]+:[^\s:]+$"),
                name="ledger_transaction_actor_form",
            ),
        )

    def __str__(self) -> str:
        return self.sentence


class Posting(models.Model):
    """Cents on one account: positive in debit, negative in credit. Append-only."""

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings")
    cents = CentsField()

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["transaction", "account"], name="ledger_posting_once"),
            models.CheckConstraint(
                condition=~Q(cents=0) & Q(cents__gte=-LARGEST_POSTING, cents__lte=LARGEST_POSTING),
                name="ledger_posting_cents",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id}: {self.cents:+}"
