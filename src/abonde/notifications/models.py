"""Letters: what is to be said to whom, kept until it is sent."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Letter(models.Model):
    """One e-mail to one person, or to an address that has no account yet.

    `values` fills the templates `letters/<kind>.txt` and `.html` when it is sent; it holds no more than they need.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.SlugField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="letters")
    address = models.EmailField(blank=True, help_text="where the letter goes when it has no person")
    language = models.CharField(max_length=2, default="fr")
    values = models.JSONField(default=dict)
    once = models.CharField(max_length=200, null=True, unique=True, help_text="what makes it unrepeatable")
    gathered = models.BooleanField(
        default=False, help_text="waits to be sent together with others, some seconds later"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        indexes = (
            models.Index("created_at", condition=Q(gathered=True), name="notifications_letter_gathered"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, address="") | Q(person=None) & ~Q(address=""),
                name="notifications_letter_recipient",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
