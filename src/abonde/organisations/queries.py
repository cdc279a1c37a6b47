"""Reads about organisations and their agents."""

from __future__ import annotations

from django.db.models import QuerySet

from abonde.core.clock import transaction_time
from abonde.organisations.models import Invitation, Membership, Organisation
from abonde.people.models import Person


def organisations_of(person: Person) -> QuerySet[Membership]:
    """The person's present memberships, each with its organisation, by name."""
    return (
        Membership.objects.filter(person=person, ended_at=None)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def agents_of(organisation: Organisation) -> QuerySet[Membership]:
    """The organisation's present agents, longest-serving first."""
    return (
        Membership.objects.filter(organisation=organisation, ended_at=None)
        .select_related("person", "organisation")
        .order_by("created_at", "pk")
    )


def pending_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Invitations that may still be accepted, or that expired unanswered: newest first."""
    return Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None).order_by(
        "-created_at", "-pk"
    )


def has_expired(invitation: Invitation) -> bool:
    """Whether the invitation's fourteen days are over."""
    return invitation.expires_at <= transaction_time()


def personal_data(person: Person) -> list[dict[str, object]]:
    """The person's memberships, for the export of their data."""
    memberships = (
        Membership.objects.filter(person=person).select_related("organisation").order_by("created_at")
    )
    return [
        {
            "organisation": one.organisation.name,
            "role": one.role,
            "since": one.created_at,
            "until": one.ended_at,
        }
        for one in memberships
    ]
