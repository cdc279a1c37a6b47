"""Giving: the basket, what a person pledges at check-out, and the totals that follow each settled gift."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.core.money import CentsField
from abonde.matching.amounts import LARGEST_GIFT
from abonde.projects.models import Project
from abonde.rounds.models import Round


class Basket(models.Model):
    """What a visitor means to give in a round: of a person, or of a browser that has not logged in yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="baskets")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="baskets")
    version = models.PositiveIntegerField(default=1, help_text="raised by every change")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["round", "person"], condition=Q(person__isnull=False), name="giving_one_basket"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class BasketLine(models.Model):
    """A project in a basket (cents)."""

    basket = models.ForeignKey(Basket, models.CASCADE, related_name="lines")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    amount = CentsField()
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["basket", "project"], name="giving_basket_line_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=LARGEST_GIFT), name="giving_basket_amount"
            ),
        )

    def __str__(self) -> str:
        return f"{self.project_id}: {self.amount}"


class ContributionState(models.TextChoices):
    """What a contribution is worth. It counts when it is settled."""

    PLEDGED = "pledged"
    PAID = "paid"
    SETTLED = "settled"
    FAILED = "failed"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


CONTRIBUTION_TRANSITIONS = {
    ContributionState.PLEDGED: (
        ContributionState.PAID,
        ContributionState.SETTLED,
        ContributionState.FAILED,
    ),
    ContributionState.PAID: (
        ContributionState.SETTLED,
        ContributionState.FAILED,
        ContributionState.REFUNDED,
    ),
    ContributionState.SETTLED: (ContributionState.REFUNDED, ContributionState.CHARGED_BACK),
    ContributionState.FAILED: (ContributionState.SETTLED,),
    ContributionState.REFUNDED: (),
    ContributionState.CHARGED_BACK: (ContributionState.SETTLED,),
}
"""A dispute that is won brings a charged back contribution back, and money that comes late after all is settled."""


class Pledge(models.Model):
    """One check-out of one person: contributions to several projects, to be paid in one go.

    A basket in one version makes one pledge, however often its button is pressed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="pledges")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pledges")
    basket = models.ForeignKey(Basket, models.SET_NULL, null=True, related_name="pledges")
    basket_version = models.PositiveIntegerField(null=True)
    amount = CentsField(help_text="the sum of its contributions")
    pledged_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="giving_pledge_amount"),
            models.UniqueConstraint(fields=["basket", "basket_version"], name="giving_pledge_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def reference(self) -> str:
        """The eight signs by which a giver and the host speak of a check-out."""
        return f"{self.pk.hex[:4]} {self.pk.hex[4:8]}".upper()


class Contribution(models.Model):
    """Money of one person to one project (cents)."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="contributions")
    project = models.ForeignKey(Project, models.PROTECT, related_name="contributions")
    amount = CentsField()
    state = models.TextField(choices=ContributionState, default=ContributionState.PLEDGED)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["pledge", "project"], name="giving_contribution_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=LARGEST_GIFT), name="giving_contribution_amount"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ContributionState.values), name="giving_contribution_state"
            ),
        )
        indexes = (models.Index(fields=["project", "state"], name="giving_contribution_project"),)

    def __str__(self) -> str:
        return f"{self.project_id}: {self.amount}"


class Support(models.Model):
    """All settled money of one person for one project (cents), and whether the person has a voice."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="supports")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="supports")
    cents = CentsField(default=0)
    eligible = models.BooleanField(default=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["project", "person"], name="giving_support_once"),
            models.CheckConstraint(condition=Q(cents__gte=0), name="giving_support_cents"),
        )

    def __str__(self) -> str:
        return f"{self.project_id}: {self.cents}"


def _exact_integer(**options: object) -> models.DecimalField[int, int]:
    return models.DecimalField(max_digits=80, decimal_places=0, default=0, **options)  # type: ignore[arg-type]


class ProjectTotal(models.Model):
    """The tally of a project, kept by the transaction that settles a payment: abonde.matching.ProjectTally as a row."""

    project = models.OneToOneField(Project, models.PROTECT, primary_key=True, related_name="total")
    received = CentsField(default=0, help_text="all settled money")
    givers = models.PositiveIntegerField(default=0, help_text="persons whose money is settled, voice or not")
    persons = models.PositiveIntegerField(default=0, help_text="persons of whom something counts")
    counted = CentsField(default=0)
    roots = _exact_integer(help_text="Σ r(x), in 1/S")
    squares = _exact_integer(help_text="Σ r(x)², in 1/S²")
    voices = _exact_integer(help_text="for heads alone, as last measured")
    linked = _exact_integer(help_text="the support that pairwise or cluster last measured, in 1/S² cents")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(
                condition=Q(received__gte=0, counted__gte=0, roots__gte=0, squares__gte=0),
                name="giving_total_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.project_id}: {self.received}"


class LinkedMeasure(models.Model):
    """When the support of a round was last measured, under a mechanism in which one gift changes other projects."""

    round = models.OneToOneField(Round, models.PROTECT, primary_key=True, related_name="measure")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.round_id}: {self.at}"
