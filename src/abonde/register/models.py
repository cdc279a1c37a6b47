"""Registers, their entries and the certificates that claim them. Nothing here reads as a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.organisations.models import Organisation


class Strategy(models.TextChoices):
    """How a register knows who has a voice."""

    CERTIFIED = "certified"
    COMMUNITY = "community"
    OPEN = "open"


class Register(models.Model):
    """The people who may have a voice in the rounds of a territory."""

    strategy = models.TextField(choices=Strategy)
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="registers", help_text="who answers for it"
    )
    sealed_key = models.BinaryField(
        help_text="the key of the entries' hashes, sealed by the installation's key"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(strategy__in=Strategy.values), name="register_strategy"),
        )

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """One who may have a voice: a keyed hash, and the group (polling district or commune) where it is known."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="entries")
    key = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of what identifies the entry")
    group = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["register", "key"], name="register_entry_once"),)

    def __str__(self) -> str:
        return str(self.pk)


class Certificate(models.Model):
    """Ties one person to one entry: their voice. Revoked with a reason, never deleted."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates")
    register = models.ForeignKey(Register, models.PROTECT, related_name="certificates")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="certificates")
    method = models.SlugField(help_text="community, franceconnect, code, counter, …")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["entry"], condition=Q(revoked_at=None), name="register_entry_claimed_once"
            ),
            models.UniqueConstraint(
                fields=["register", "person"], condition=Q(revoked_at=None), name="register_one_voice"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(reason=""), name="register_revoked_for_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.method}"
