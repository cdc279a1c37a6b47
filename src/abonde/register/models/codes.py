"""Codes, the numbers that a counter asks for, who is proposed there, and how often somebody guesses."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.register.models.mailings import Mailing
from abonde.register.models.registers import Entry, Register


class PostedCode(models.Model):
    """A code for an entry, by post or on a slip: good once, kept as a keyed hash."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="codes")
    digest = models.BinaryField(max_length=32, unique=True, help_text="HMAC-SHA-256 under the register's key")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    mailing = models.ForeignKey(
        Mailing, models.PROTECT, null=True, related_name="codes", help_text="in whose letters it stands"
    )
    ended_at = models.DateTimeField(
        null=True, help_text="a newer code of the entry took its place, or its mailing was lost"
    )
    used_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["entry"], condition=Q(used_at=None, ended_at=None), name="register_one_live_code"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class CounterNumber(models.Model):
    """Six digits that a person's own screen shows, by which an official finds the account that stands before them."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.CharField(max_length=6, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person_id)


class Proposal(models.Model):
    """Somebody to be added at the counter: why, by whom, and who confirmed where two officials are asked for."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="proposals")
    key = models.BinaryField(max_length=32)
    place_key = models.BinaryField(max_length=32, default=b"")
    proof = models.CharField(max_length=100, help_text="which paper was shown; nothing of what it says")
    reason = models.CharField(max_length=300)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="proposal")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["register", "key", "place_key"],
                condition=Q(decided_at=None),
                name="register_proposed_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """How often somebody tried within an hour; who it was is hashed."""

    subject = models.BinaryField(max_length=32)
    hour = models.DateTimeField()
    number = models.PositiveIntegerField(default=1)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["subject", "hour"], name="register_attempt_once"),)

    def __str__(self) -> str:
        return f"{self.hour}: {self.number}"
