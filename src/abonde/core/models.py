"""The append-only log of who did what, when, before and after."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

OF_MANY: Final = Q(subject_type__in=["giving.pledge", "payments.payment"])
"""What many people do, in numbers that no one reads through: left out of the index by which an organisation's log is read."""


class Event(models.Model):
    """One thing that an actor did to a subject. It never holds personal data: it can never be erased."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.TextField(null=True, help_text="kind:id, or nothing for the platform itself")
    verb = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    tenant = models.TextField(null=True, help_text="kind:id of the host to whom this belongs")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        """Table, order and what PostgreSQL holds."""

        indexes = (
            models.Index(fields=["subject_type", "subject_id", "id"], name="core_event_subject"),
            models.Index(
                fields=["tenant", "id"],
                condition=~OF_MANY & Q(tenant__isnull=False),
                name="core_event_tenant",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(actor=None) | Q(actor__regex=r"^[a-z_]+:[^\s:]+$"), name="core_event_actor_form"
            ),
            models.CheckConstraint(
                condition=Q(tenant=None) | Q(tenant__regex=r"^[a-z_]+:[^\s:]+$"),
                name="core_event_tenant_form",
            ),
            models.CheckConstraint(condition=Q(verb__regex=r"^[a-z_]+$"), name="core_event_verb_form"),
        )

    def __str__(self) -> str:
        return f"{self.actor or 'abonde'} {self.verb} {self.subject_type}:{self.subject_id}"
