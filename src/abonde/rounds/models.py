"""Rounds, with their challenges, parties, signed texts and signatures."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from abonde.core.editing import Edited
from abonde.core.money import CentsField
from abonde.matching.amounts import Cents
from abonde.matching.rules import PRESETS, Rules
from abonde.matching.written_rules import read_rules
from abonde.organisations.models import Organisation
from abonde.register.models import Register
from abonde.rounds.states import State

SMALLEST_GIFT: Final = Cents(100)
LARGEST_GIFT: Final = Cents(1_000_000)


def guarded_rules() -> dict[str, object]:
    """What a first round should use."""
    return PRESETS["guarded"].to_mapping()


class Round(Edited):
    """One run of applications, giving and allocation. Its rules, calendar and territory are frozen once it opens."""

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="rounds")
    slug = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=150)
    summary = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True, help_text="Markdown")
    state = models.TextField(choices=State, default=State.DRAFT)

    territory = ArrayField(
        models.CharField(max_length=9), default=list, help_text="codes of communes and intercommunalités"
    )
    register = models.ForeignKey(Register, models.PROTECT, null=True, related_name="rounds")
    has_selection = models.BooleanField(default=False)

    applications_open_at = models.DateTimeField(null=True)
    applications_close_at = models.DateTimeField(null=True)
    giving_opens_at = models.DateTimeField(null=True)
    giving_closes_at = models.DateTimeField(null=True)
    objection_days = models.PositiveSmallIntegerField(default=14)
    objections_close_at = models.DateTimeField(null=True, help_text="set when the result becomes provisional")

    written_rules = models.JSONField(
        default=guarded_rules, help_text="as abonde.matching.read_rules reads them"
    )
    smallest_gift = CentsField(default=500, help_text="per project")
    largest_gift = CentsField(default=100_000, help_text="per project")

    opened_with = models.ForeignKey(
        "SignedText",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="the rules as the trio signed them",
    )
    called_off_at = models.DateTimeField(null=True)
    called_off_because = models.TextField(blank=True, help_text="read by everybody")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="rounds_state"),
            models.CheckConstraint(
                condition=(Q(state=State.CALLED_OFF, called_off_at__isnull=False) & ~Q(called_off_because=""))
                | (~Q(state=State.CALLED_OFF) & Q(called_off_at=None)),
                name="rounds_called_off_for_a_reason",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="rounds_name"),
            models.CheckConstraint(
                condition=Q(applications_open_at__lt=F("applications_close_at")),
                name="rounds_applications_last",
            ),
            models.CheckConstraint(
                condition=Q(applications_close_at__lte=F("giving_opens_at")),
                name="rounds_giving_after_applications",
            ),
            models.CheckConstraint(
                condition=Q(giving_opens_at__lt=F("giving_closes_at")), name="rounds_giving_lasts"
            ),
            models.CheckConstraint(
                condition=Q(smallest_gift__gte=SMALLEST_GIFT)
                & Q(smallest_gift__lte=F("largest_gift"))
                & Q(largest_gift__lte=LARGEST_GIFT),
                name="rounds_gift_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.CANCELLED])
                | Q(giving_closes_at__isnull=False, giving_opens_at__isnull=False, register__isnull=False),
                name="rounds_open_is_complete",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> Rules:
        """The parameters of the mechanism."""
        return read_rules(self.written_rules)


class Challenge(models.Model):
    """A question of the territory that projects answer (défi)."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="challenges")
    key = models.SlugField()
    name = models.CharField(max_length=120)
    question = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=["round", "key"], name="rounds_challenge_key"),)

    def __str__(self) -> str:
        return self.name


class Party(models.Model):
    """An organisation that takes part in a round beside its host: its certifier, or one of its funders."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="parties")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="parties")
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["round", "organisation"], name="rounds_party_once"),)

    def __str__(self) -> str:
        return f"{self.organisation} in {self.round}"


class Subject(models.TextChoices):
    """What the trio signs."""

    RULES = "rules"
    RESULTS = "results"


class SignedText(models.Model):
    """The exact text that is signed: readable French and its JSON, under one hash. Append-only.

    `sha256` is the hash, in hexadecimal, of `canonical`: the JSON as UTF-8, keys sorted, without spaces, the readable
    text inside it under "text".
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="signed_texts")
    subject = models.TextField(choices=Subject)
    text = models.TextField(help_text="readable, in French")
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="rounds_text_subject"),
            models.UniqueConstraint(fields=["round", "subject", "sha256"], name="rounds_text_once"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.sha256}"


class Signature(models.Model):
    """One organisation's signature under a text, by one of its agents. Append-only."""

    signed_text = models.ForeignKey(SignedText, models.PROTECT, related_name="signatures")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    public_key = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64, help_text="Ed25519 of the canonical text")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["signed_text", "organisation"], name="rounds_signed_once"),
        )

    def __str__(self) -> str:
        return f"{self.organisation} under {self.signed_text}"
