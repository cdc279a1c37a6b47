"""Registers, their entries and the certificates that claim them."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.identities.models import Provider
from abonde.organisations.models import Organisation

LONGEST_GROUP: Final = 40
"""Characters of a polling district's or commune's code."""


LONGEST_NUMBER: Final = 18


class Strategy(models.TextChoices):
    """How a register knows who has a voice: by its certifier, by trusted providers, or by a confirmed address."""

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
    two_officials = models.BooleanField(
        default=False, db_default=False, help_text="a second official confirms who is added at the counter"
    )
    issuers = models.ManyToManyField(
        Provider,
        through="TrustedIssuer",
        related_name="trusting_registers",
        help_text="of a community: whose word makes a voice",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(strategy__in=Strategy.values), name="register_strategy"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_weak(self) -> bool:
        """Whether one person can have several voices with little effort: pages and files say so."""
        return self.strategy == Strategy.OPEN


class TrustedIssuer(models.Model):
    """A provider whose word makes a voice in a community's register. Named with the register, and never changed."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="trusted")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["register", "provider"], name="register_issuer_once"),)

    def __str__(self) -> str:
        return f"{self.provider_id} in {self.register_id}"


class Origin(models.TextChoices):
    """How an entry came into its register."""

    ACCOUNT = "account"
    IMPORT = "import"
    COUNTER = "counter"


class Entry(models.Model):
    """One who may have a voice: keyed hashes, and the group (polling district or commune) where it is known."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="entries")
    key = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of what identifies the entry")
    place_key = models.BinaryField(
        max_length=32, default=b"", db_default=b"", help_text="the same with the birthplace; empty if unknown"
    )
    group = models.CharField(max_length=LONGEST_GROUP, blank=True)
    origin = models.TextField(choices=Origin, default=Origin.ACCOUNT, db_default=Origin.ACCOUNT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    left_at = models.DateTimeField(null=True, help_text="gone from the register that an import brought")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["register", "key", "place_key"], name="register_entry_once"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="register_entry_origin"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Alias(models.Model):
    """A further identity that leads to an entry, since one account joined it to the first: it makes no second voice."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="aliases")
    key = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of the identity, as an entry's key")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["register", "key"], name="register_alias_once"),)

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

    @property
    def reference(self) -> str:
        """By what the person and the certifier speak of a voice, without a name: "V-00001234"."""
        return f"V-{self.pk:08}"

    @staticmethod
    def number_of(reference: str) -> int | None:
        """The number behind a reference, however it is typed; None where it is none."""
        digits = reference.upper().removeprefix("V")
        return (
            int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None
        )
