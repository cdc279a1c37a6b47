"""Letters that let their reader become an agent."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.notifications.actions import send_letter
from abonde.organisations.models import Invitation, Membership, Organisation, Role
from abonde.organisations.permissions import require_role, require_role_of_kind, require_second_factor
from abonde.people.models import Person

VALIDITY: Final = timedelta(days=14)
TOKEN_BYTES: Final = 32


class InvitationOver(NotNow):
    """The invitation was accepted, revoked, has expired, or never was."""


def invite(*, person: Person, organisation: Organisation, email: str, role: Role) -> Invitation:
    """Invite whoever reads the mail of `email` to act in `role`, replacing an earlier invitation to them.

    Raises NotAllowed, RoleOfAnotherKind, Refusal.
    """
    require_role(person, organisation, Role.MANAGER)
    require_second_factor(person)
    require_role_of_kind(organisation, role)
    return send_invitation(organisation, email, role, invited_by=person)


def resend_invitation(*, person: Person, invitation: Invitation) -> Invitation:
    """The same invitation by a new letter, valid for another 14 days; the former letter opens nothing any more."""
    require_role(person, invitation.organisation, Role.MANAGER)
    with transaction.atomic():
        locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        if locked.accepted_at is not None or locked.revoked_at is not None:
            raise InvitationOver("This invitation has already been answered or withdrawn.")
        return send_invitation(locked.organisation, locked.email, Role(locked.role), invited_by=person)


def revoke_invitation(*, person: Person, invitation: Invitation) -> Invitation:
    """Withdraw an invitation that nobody has accepted. Raises NotAllowed, InvitationOver."""
    require_role(person, invitation.organisation, Role.MANAGER)
    with transaction.atomic():
        locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        if locked.accepted_at is not None or locked.revoked_at is not None:
            raise InvitationOver("This invitation has already been answered or withdrawn.")
        locked.revoked_at = transaction_time()
        locked.save(update_fields=["revoked_at"])
        record_event(
            actor=person.actor,
            verb="revoke_invitation",
            subject=locked,
            tenant=locked.organisation.reference,
        )
    return locked


def open_invitation(token: str) -> Invitation:
    """The invitation that a letter's token opens now. Raises InvitationOver."""
    invitation = (
        Invitation.objects.select_related("organisation")
        .filter(token_hash=_hash(token), accepted_at=None, revoked_at=None, expires_at__gt=transaction_time())
        .first()
    )
    if invitation is None:
        raise InvitationOver(
            "This invitation is no longer valid: it was used, withdrawn, or is older than {days} days. Ask for another one.",
            days=VALIDITY.days,
        )
    return invitation


def accept_invitation(*, person: Person, token: str) -> Membership:
    """Become an agent in the invited role. Raises InvitationOver, and NotNow for who is an agent already."""
    with transaction.atomic():
        invitation = open_invitation(token)
        organisation = Organisation.objects.select_for_update(no_key=True).get(pk=invitation.organisation_id)
        invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=open_invitation(token).pk)
        held = Membership.objects.filter(person=person, organisation=organisation, ended_at=None).first()
        if held is not None:
            raise NotNow(
                "You already act for {organisation}: one of its managers can change your role.",
                organisation=organisation,
            )
        membership = Membership.objects.create(person=person, organisation=organisation, role=invitation.role)
        invitation.accepted_at, invitation.accepted_by = transaction_time(), person
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        record_event(
            actor=person.actor,
            verb="accept_invitation",
            subject=invitation,
            after={"role": invitation.role},
            tenant=organisation.reference,
        )
        _tell_who_invited(invitation, person)
    return membership


def send_invitation(
    organisation: Organisation, email: str, role: Role, *, invited_by: Person | None
) -> Invitation:
    """Write the invitation and its letter. For actions that have checked who asks."""
    address = _checked(email)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        now = transaction_time()
        Invitation.objects.filter(
            organisation=organisation, email=address, accepted_at=None, revoked_at=None
        ).update(revoked_at=now)
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=address,
            role=role,
            token_hash=_hash(token),
            invited_by=invited_by,
            expires_at=now + VALIDITY,
        )
        record_event(
            actor=invited_by.actor if invited_by else None,
            verb="invite_agent",
            subject=invitation,
            after={"role": role},
            tenant=organisation.reference,
        )
        send_letter(
            kind="invitation",
            address=address,
            language=invited_by.language if invited_by else None,
            values={
                "organisation": organisation.name,
                "role": role,
                "token": token,
                "until": invitation.expires_at,
                "inviter": invited_by.name if invited_by else "",
            },
        )
    return invitation


def _tell_who_invited(invitation: Invitation, person: Person) -> None:
    if invitation.invited_by is not None and invitation.invited_by.is_active:
        send_letter(
            kind="invitation_accepted",
            person=invitation.invited_by,
            values={
                "organisation": invitation.organisation.name,
                "slug": invitation.organisation.slug,
                "agent": str(person),
                "invited": invitation.email,
                "role": invitation.role,
            },
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refusal("{email} is no e-mail address: check it.", email=email) from error
    return address
