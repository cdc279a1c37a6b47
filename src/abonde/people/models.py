"""Persons: humans with an account. What identifies them stays in this table, and can be emptied."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Persons(BaseUserManager["Person"]):
    """Persons as Django's and allauth's log-in want to find them."""

    def active(self) -> models.QuerySet[Person]:
        return self.filter(deleted_at=None)


class Person(AbstractBaseUser):
    """A human with an account, under a random id that everything else refers to.

    Deleting the account empties the row and keeps the id: the accounting and the claimed voice stay, the name goes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(null=True, blank=True)
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=2, default="fr")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Persons] = Persons()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="people_person_language"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(email=None, name=""), name="people_person_deleted_is_empty"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email or str(self.pk)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the account may log in."""
        return self.deleted_at is None

    def has_usable_password(self) -> bool:
        """Never: nobody has a password here."""
        return False

    @property
    def actor(self) -> str:
        """How the log of events and the books name this person."""
        return f"person:{self.pk}"


class Session(AbstractBaseSession):
    """A browser that is logged in, or a visitor's. It knows its person, so that it ends with the account."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="sessions")

    def __str__(self) -> str:
        return str(self.person_id)
