"""What those who carry a project do together, and tell others about it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.notifications.actions import send_letter
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role
from abonde.people.models import Person
from abonde.projects import texts
from abonde.projects.changing import record
from abonde.projects.guards import require_holder
from abonde.projects.models import Holder, HolderInvitation, Project, Update
from abonde.projects.queries import holds
from abonde.projects.states import State

INVITATION_LASTS: Final = timedelta(days=30)
BETWEEN_LETTERS: Final = timedelta(hours=1)
"""How long the same address is not written to again."""
MOST_HOLDERS: Final = 10
"""Holders and open invitations of one project."""


@atomic
def invite_holder(*, person: Person, project_id: int, email: str) -> HolderInvitation:
    """Send somebody a letter that lets them carry the project too. Raises NotAllowed, NotNow, Refusal."""
    project = Project.locked(project_id, seen=None)
    require_holder(person, project)
    if project.state in {State.REFUSED, State.WITHDRAWN}:
        raise NotNow("{project} is no longer in the round.", project=project.name)
    address = _address(email)
    now = transaction_time()
    waiting = project.holder_invitations.filter(accepted_at=None, expires_at__gt=now)
    if waiting.filter(email=address, created_at__gt=now - BETWEEN_LETTERS).exists():
        raise Refusal(
            "An e-mail has just gone to {email}: ask them to look for it, or wait an hour.", email=address
        )
    if project.holders.count() + waiting.exclude(email=address).count() >= MOST_HOLDERS:
        raise Refusal("At most {most} people run a project.", most=MOST_HOLDERS)
    token = secrets.token_urlsafe(32)
    invitation = HolderInvitation.objects.create(
        project=project,
        email=address,
        token_hash=_hash(token),
        invited_by=person,
        expires_at=now + INVITATION_LASTS,
    )
    record(person, "invite_holder", project, after={"invitation": invitation.pk})
    values = {"project": project.name, "round": project.round.name, "by": person.name, "token": token}
    send_letter(kind="holder-invitation", address=address, language=person.language, values=values)
    return invitation


def invitation_of(token: str) -> HolderInvitation | None:
    """The open invitation behind a token."""
    return HolderInvitation.objects.filter(
        token_hash=_hash(token), accepted_at=None, expires_at__gt=transaction_time()
    ).first()


@atomic
def accept_holder_invitation(*, person: Person, token: str) -> Project:
    """Carry the project of the invitation from now on. Raises NotNow for a token that is used, old or wrong."""
    invitation = HolderInvitation.objects.select_for_update().filter(token_hash=_hash(token)).first()
    if invitation is not None and invitation.accepted_at and holds(person, invitation.project):
        return invitation.project  # the link, opened once more
    now = transaction_time()
    if invitation is None or invitation.accepted_at or invitation.expires_at <= now:
        raise NotNow("This invitation has been used or is too old: ask for a new one.")
    invitation.accepted_at = now
    invitation.email = ""  # who holds the account says where it is read
    invitation.save(update_fields=["accepted_at", "email"])
    Holder.objects.get_or_create(project=invitation.project, person=person)
    record(person, "accept_holder_invitation", invitation.project, after={"invitation": invitation.pk})
    return invitation.project


@atomic
def publish_update(*, person: Person, project_id: int, title: str, body: str) -> Update:
    """Tell everyone what is new. Raises NotAllowed, NotNow before the project is public, Refusal."""
    project = Project.locked(project_id, seen=None)
    require_holder(person, project)
    if project.state != State.SELECTED:
        raise NotNow("News can be published as long as {project} is public.", project=project.name)
    headline = texts.at_most(texts.LONGEST_TITLE, texts.line(title))
    said = texts.at_most(texts.LONGEST_NEWS, texts.paragraphs(body))
    if not headline or not said:
        raise Refusal("Write a title and a text.")
    if twin := project.updates.filter(author=person, title=headline, body=said, hidden_at=None).first():
        return twin  # sent twice by a double click
    update = Update.objects.create(project=project, author=person, title=headline, body=said)
    record(person, "publish_update", project, after={"update": update.pk})
    return update


@atomic
def hide_update(*, person: Person, update_id: int) -> Update:
    """Take news off the page: those who run the project, or the host. Hidden twice is hidden. Raises NotAllowed."""
    update = (
        Update.objects.select_for_update(of=("self",))
        .select_related("project__round__host")
        .get(pk=update_id)
    )
    if not holds(person, update.project):
        require_role(person, update.project.round.host, Role.REVIEWER)
    if update.hidden_at is None:
        update.hidden_at = transaction_time()
        update.save(update_fields=["hidden_at"])
        record(person, "hide_update", update.project, after={"update": update.pk})
    return update


def _address(written: str) -> str:
    address = texts.line(written)
    try:
        validate_email(address)
    except ValidationError:
        raise Refusal("{email} is not an e-mail address.", email=address) from None
    return address


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
