"""The accounts that a visitor of the demonstration may become. In production this table does not exist."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DemonstrationAccount(models.Model):
    """One of the invented people, what they are in the round, and the page where their work begins."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    title = models.CharField(max_length=120)
    organisation = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, help_text="the page to begin at")
    position = models.PositiveSmallIntegerField()

    class Meta:
        """Order."""

        ordering = ("position",)

    def __str__(self) -> str:
        return self.title
