"""Results: each computation of a round, line by line, kept as it was; and the objections raised against them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.core.money import CentsField
from abonde.funds.models import Pot
from abonde.projects.models import Project
from abonde.rounds.models import Round, SignedText


class Computation(models.Model):
    """One run of the mechanism over a round's settled gifts. Append-only: what changes makes another one."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="computations")
    number = models.PositiveSmallIntegerField(help_text="1 for the first of its round")
    reason = models.TextField(help_text="why it was made, for the reader of the results")
    rules = models.JSONField()
    pots = models.JSONField(help_text="the pots as the mechanism took them")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of everything that entered it")
    received = CentsField()
    matching = CentsField()
    left = CentsField(help_text="what no project could take")
    voices = models.PositiveIntegerField(help_text="certified persons of whom something counts")
    reached = models.JSONField(
        default=dict, help_text="by funder, the persons who count on the projects its money went to"
    )
    left_out = models.PositiveIntegerField(
        default=0, help_text="payments still undecided, which the host did not wait for"
    )
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("round", "number")
        constraints = (models.UniqueConstraint(fields=["round", "number"], name="settlement_number_once"),)

    def __str__(self) -> str:
        return f"{self.round_id} {self.number}"


class ResultLine(models.Model):
    """What a computation gives to a project (cents), and why. Append-only."""

    computation = models.ForeignKey(Computation, models.PROTECT, related_name="lines")
    project = models.ForeignKey(Project, models.PROTECT, related_name="results")
    received = CentsField()
    persons = models.PositiveIntegerField()
    counted = CentsField()
    matching = CentsField()
    explanation = models.JSONField()

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["computation", "project"], name="settlement_line_once"),
            models.CheckConstraint(
                condition=Q(matching__gte=0, received__gte=0), name="settlement_line_amounts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.project_id}: {self.matching}"


class PotLine(models.Model):
    """What one pot adds to one project in a computation (cents, above 0). Append-only."""

    computation = models.ForeignKey(Computation, models.PROTECT, related_name="pot_lines")
    pot = models.ForeignKey(Pot, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    cents = CentsField()

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["computation", "pot", "project"], name="settlement_pot_line_once"
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="settlement_pot_line_cents"),
        )

    def __str__(self) -> str:
        return f"{self.pot_id} to {self.project_id}: {self.cents}"


class ResultsText(models.Model):
    """The text of a computation that the trio is asked to sign. Append-only."""

    computation = models.OneToOneField(
        Computation, models.PROTECT, primary_key=True, related_name="results_text"
    )
    signed_text = models.OneToOneField(SignedText, models.PROTECT, related_name="results_text")

    def __str__(self) -> str:
        return f"{self.computation_id}: {self.signed_text_id}"


class Ruling(models.TextChoices):
    """What became of an objection."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


RULING_TRANSITIONS = {Ruling.OPEN: (Ruling.UPHELD, Ruling.DISMISSED), Ruling.UPHELD: (), Ruling.DISMISSED: ()}


class Objection(models.Model):
    """What somebody holds against a provisional result, and the host's answer."""

    computation = models.ForeignKey(Computation, models.PROTECT, related_name="objections")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="objections")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="objections")
    text = models.TextField()
    raised_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.TextField(choices=Ruling, default=Ruling.OPEN)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("raised_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=Ruling.values), name="settlement_objection_state"),
            models.CheckConstraint(
                condition=Q(state=Ruling.OPEN) | ~Q(answer=""), name="settlement_objection_answered"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="settlement_objection_text"),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"
