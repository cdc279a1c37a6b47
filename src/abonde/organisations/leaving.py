"""What an agent who deletes their account leaves behind."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from abonde.matching.refusal import Refusal
from abonde.organisations.actions import end_membership, is_last_manager
from abonde.organisations.models import Invitation
from abonde.organisations.queries import organisations_of, personal_data
from abonde.people.models import Person
from abonde.people.personal_data import Kept

FORGOTTEN: Final = "forgotten@invalid"

KEPT: Final = Kept(
    key="memberships",
    what=_("The organisations for which you act or acted, and your role"),
    why=_("because what an agent signs or decides binds their organisation"),
    until=_("for good, without your name once your account is deleted"),
    data=personal_data,
)


def hindrances(person: Person) -> list[Refusal]:
    """The organisations that would be left without a manager."""
    return [
        Refusal(
            "You are the last manager of {organisation}: name another one first.",
            organisation=membership.organisation,
        )
        for membership in organisations_of(person)
        if is_last_manager(membership)
    ]


def leave(person: Person) -> None:
    """End the person's memberships, and forget the addresses of invitations that they accepted."""
    for membership in organisations_of(person):
        end_membership(person=person, membership=membership)
    Invitation.objects.filter(accepted_by=person).update(email=FORGOTTEN)
