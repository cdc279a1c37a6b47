"""Who may act for an organisation. Every action asks here; pages only hide what would be refused."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from abonde.matching.refusal import Refusal
from abonde.organisations.models import ROLES_OF, Kind, Membership, Organisation, Role
from abonde.people.models import Person


class NotAllowed(Refusal):
    """The person may not do this."""


class RoleOfAnotherKind(Refusal):
    """The role makes no sense in this kind of organisation."""


def role_of(person: Person, organisation: Organisation) -> Role | None:
    """The person's present role in the organisation."""
    found = (
        Membership.objects.filter(person=person, organisation=organisation, ended_at=None)
        .values_list("role", flat=True)
        .first()
    )
    return Role(found) if found else None


def require_role(person: Person, organisation: Organisation, *roles: Role) -> Role:
    """The person's role, if it is a manager's or one of `roles`; no roles given: any agent. Raises NotAllowed."""
    role = role_of(person, organisation)
    if role is None or (roles and role not in {Role.MANAGER, *roles}):
        raise NotAllowed(
            "This needs another role at {organisation}: ask one of its managers.",
            organisation=organisation.name,
        )
    return role


def has_second_factor(person: Person) -> bool:
    """Whether the person has set up a passkey or an application that shows codes."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=kinds).exists())


def require_second_factor(person: Person) -> None:
    """Who acts for an organisation proves twice who they are. Raises NotAllowed."""
    if not has_second_factor(person):
        raise NotAllowed(
            "Acting for an organisation needs a second proof of who you are: add a passkey or an application that "
            "shows codes to your account, under Security."
        )


def require_role_of_kind(organisation: Organisation, role: Role) -> None:
    """Raises RoleOfAnotherKind where an organisation of this kind has no such role."""
    if role not in ROLES_OF[Kind(organisation.kind)]:
        raise RoleOfAnotherKind("Choose one of the roles that {organisation} has.", organisation=organisation)
