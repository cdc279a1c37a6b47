"""Creating organisations, and who acts for them."""

from __future__ import annotations

import re
import secrets
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from stdnum.fr import siren as siren_numbers

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.matching.refusal import Refusal
from abonde.organisations.inviting import (
    accept_invitation,
    invite,
    resend_invitation,
    revoke_invitation,
    send_invitation,
)
from abonde.organisations.models import Kind, Membership, Organisation, Role
from abonde.organisations.permissions import (
    NotAllowed,
    require_role,
    require_role_of_kind,
    require_second_factor,
)
from abonde.organisations.signing import make_key
from abonde.people.models import Person

__all__ = (
    "accept_invitation",
    "change_role",
    "create_organisation",
    "edit_organisation",
    "end_membership",
    "invite",
    "resend_invitation",
    "revoke_invitation",
)

DETAILS: Final = ("legal_name", "siren", "rna", "address", "email", "website")
RNA: Final = re.compile(r"W\d{9}")


class LastManager(Refusal):
    """Without this manager nobody could act for the organisation any more."""


def create_organisation(
    *,
    person: Person | None,
    kind: Kind,
    name: str,
    slug: str = "",
    manager_email: str = "",
    manager: Person | None = None,
    **details: str,
) -> Organisation:
    """An organisation with its signing key, and its first manager: `manager` at once, `manager_email` by a letter.

    `person` is None for the operator of the installation, who alone makes hosts; the managers of hosts bring in
    certifiers and funders. `details` are those of DETAILS. Raises NotAllowed, Refusal.
    """
    _require_right_to_create(person, kind)
    if not (manager or manager_email):
        raise Refusal("Name the first manager: without one, nobody could act for the organisation.")
    organisation = Organisation(kind=kind, name=name.strip(), slug=slug or _free_slug(name), **details)
    _check(organisation)
    with transaction.atomic():
        organisation.save(force_insert=True)
        make_key(organisation)
        record_event(
            actor=person.actor if person else None,
            verb="create_organisation",
            subject=organisation,
            after={"kind": organisation.kind, "slug": organisation.slug},
            tenant=organisation.reference,
        )
        if manager is not None:
            Membership.objects.create(person=manager, organisation=organisation, role=Role.MANAGER)
        else:
            send_invitation(organisation, manager_email, Role.MANAGER, invited_by=person)
    return organisation


def edit_organisation(
    *, person: Person, organisation: Organisation, seen: int, **details: str
) -> Organisation:
    """Change the name and DETAILS of the organisation, in the version that was `seen`.

    Raises NotAllowed, ChangedMeanwhile, Refusal.
    """
    require_role(person, organisation, Role.MANAGER)
    with transaction.atomic():
        locked = Organisation.locked(organisation.pk, seen=seen, reader=person.actor)
        for field in ("name", *DETAILS):
            setattr(locked, field, details.get(field, getattr(locked, field)))
        _check(locked)
        locked.save_edit(person.actor)
        record_event(actor=person.actor, verb="edit_organisation", subject=locked, tenant=locked.reference)
    return locked


def change_role(*, person: Person, membership: Membership, role: Role) -> Membership:
    """Give an agent another role. Raises NotAllowed, LastManager, RoleOfAnotherKind."""
    organisation = membership.organisation
    require_role(person, organisation, Role.MANAGER)
    require_second_factor(person)
    require_role_of_kind(organisation, role)
    with transaction.atomic():
        locked = _locked(membership)
        before = locked.role
        if before == role:
            return locked
        _keep_a_manager(locked)
        locked.role = role
        locked.save(update_fields=["role"])
        record_event(
            actor=person.actor,
            verb="change_role",
            subject=locked,
            before={"role": before},
            after={"role": role},
            tenant=organisation.reference,
        )
    return locked


def end_membership(*, person: Person, membership: Membership) -> Membership:
    """An agent leaves, or a manager takes them out. Raises NotAllowed, LastManager."""
    organisation = membership.organisation
    if membership.person_id != person.pk:
        require_role(person, organisation, Role.MANAGER)
        require_second_factor(person)
    with transaction.atomic():
        locked = _locked(membership)
        _keep_a_manager(locked)
        locked.ended_at = transaction_time()
        locked.save(update_fields=["ended_at"])
        record_event(actor=person.actor, verb="end_membership", subject=locked, tenant=organisation.reference)
    return locked


def is_last_manager(membership: Membership) -> bool:
    """Whether the agent is a manager, and the only one of their organisation."""
    others = Membership.objects.filter(
        organisation=membership.organisation, role=Role.MANAGER, ended_at=None
    ).exclude(pk=membership.pk)
    return membership.role == Role.MANAGER and membership.ended_at is None and not others.exists()


def _locked(membership: Membership) -> Membership:
    """The agent's present membership; the lock of the organisation lets its managers change one after the other."""
    Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if locked.ended_at is not None:
        raise Refusal("This person has already left {organisation}.", organisation=membership.organisation)
    return locked


def _keep_a_manager(membership: Membership) -> None:
    if is_last_manager(membership):
        raise LastManager(
            "{organisation} needs at least one manager: invite or name another one first.",
            organisation=membership.organisation,
        )


def _require_right_to_create(person: Person | None, kind: Kind) -> None:
    if person is None:
        return
    manages_a_host = Membership.objects.filter(
        person=person, role=Role.MANAGER, organisation__kind=Kind.HOST, ended_at=None
    ).exists()
    if kind is Kind.HOST or not manages_a_host:
        raise NotAllowed(
            "Only the managers of a host bring in certifiers and funders; a host is set up by the people who run this site."
        )
    require_second_factor(person)


def _free_slug(name: str) -> str:
    """A part of addresses made of the name; several town halls may bear the same one."""
    slug = slugify(name)[:40].strip("-") or "organisation"
    taken = Organisation.objects.filter(slug=slug).exists()
    return f"{slug}-{secrets.token_hex(3)}" if taken else slug


def _check(organisation: Organisation) -> None:
    try:
        organisation.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, words = next(iter(error.message_dict.items()))
        raise Refusal("{field}: {words}", field=field, words=" ".join(words)) from error
    if organisation.siren and not siren_numbers.is_valid(organisation.siren):
        raise Refusal("{siren} is no SIREN number: check its nine digits.", siren=organisation.siren)
    if organisation.rna and not RNA.fullmatch(organisation.rna):
        raise Refusal("{rna} is no RNA number: it is a W and nine digits.", rna=organisation.rna)
