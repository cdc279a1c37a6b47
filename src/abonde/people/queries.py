"""Reads about a person's account."""

from __future__ import annotations

from allauth.account.models import EmailAddress

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
