"""Reads about a person's account."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from abonde.core.prepared import prepared
from abonde.people.models import Person


def verified_address(person: Person) -> str | None:
    """The e-mail address that the person has proved to be theirs, the main one first."""
    found: str | None = (
        EmailAddress.objects.filter(user_id=person.pk, verified=True)
        .order_by("-primary", "pk")
        .values_list("email", flat=True)
        .first()
    )
    return found


def active_person(person: UUID) -> Person | None:
    """The person of this id, unless the account is deleted."""
    return _active.first(person)


@prepared
def _active(person: UUID) -> QuerySet[Person]:
    return Person.objects.filter(pk=person, deleted_at=None)
