"""Roles that a provider gives: by its own roles or groups, at each log-in, in its own organisation only.

A provider never names managers, since whoever runs it would then hold the organisation; and it takes away only what it
gave. A role that it has not confirmed for two weeks is over, so that nobody keeps it by logging in another way.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.identities.models import Provider, RoleGrant, RoleRule
from abonde.identities.proof import Proof
from abonde.organisations.models import Membership, Organisation, Role
from abonde.people.models import Person

LIFE_OF_GRANT: Final = timedelta(days=14)
"""As long as a session lasts."""
PRECEDENCE: Final = (Role.TREASURER, Role.REGISTRAR, Role.REVIEWER, Role.READER)
"""A person has one role in an organisation: the first of those that the provider gives."""


def apply_roles(*, person: Person, proof: Proof) -> Membership | None:
    """Give the person the role that the provider's word gives now, or take away what it gave before."""
    wanted = _wanted(proof.provider, proof.roles)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update(no_key=True).get(
            pk=proof.provider.organisation_id
        )
        held = Membership.objects.filter(person=person, organisation=organisation, ended_at=None).first()
        grant = _own_grant(held, proof.provider) if held is not None else None
        if held is not None and grant is None:
            return held
        if wanted is None:
            if grant is not None:
                _end(grant)
            return None
        if held is None or grant is None:
            return _give(person, organisation, proof.provider, wanted)
        return _renew(held, grant, wanted)


def end_roles_given_to(person: Person, provider: Provider) -> None:
    """Take away what the provider gave to one person."""
    for grant in _living(provider).filter(membership__person=person):
        _end(grant)


def end_roles_given_by(provider: Provider) -> None:
    """Take away all that the provider gave."""
    for grant in _living(provider):
        _end(grant)


def end_unconfirmed_roles() -> int:
    """Take away what no provider has confirmed for two weeks; how many."""
    with transaction.atomic():
        old = list(
            RoleGrant.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("membership__organisation", "provider")
            .filter(confirmed_at__lt=transaction_time() - LIFE_OF_GRANT)
        )
        for grant in old:
            _end(grant)
    return len(old)


def _living(provider: Provider) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(provider=provider).select_related("membership__organisation", "provider")


def _wanted(provider: Provider, said: Collection[str]) -> Role | None:
    given = set(RoleRule.objects.filter(provider=provider, named__in=said).values_list("role", flat=True))
    return next((role for role in PRECEDENCE if role in given), None)


def _own_grant(held: Membership, provider: Provider) -> RoleGrant | None:
    """What the provider gave and nobody has changed since; the rest of an organisation is not its business."""
    grant = RoleGrant.objects.filter(membership=held, provider=provider).first()
    if grant is not None and grant.role != held.role:
        grant.delete()
        return None
    return grant


def _give(person: Person, organisation: Organisation, provider: Provider, role: Role) -> Membership:
    made = Membership.objects.create(person=person, organisation=organisation, role=role)
    RoleGrant.objects.create(membership=made, provider=provider, role=role, confirmed_at=transaction_time())
    _record("grant_role_by_provider", made, provider, after={"role": role})
    return made


def _renew(held: Membership, grant: RoleGrant, role: Role) -> Membership:
    if held.role != role:
        before, held.role = held.role, role
        held.save(update_fields=["role"])
        _record(
            "change_role_by_provider", held, grant.provider, before={"role": before}, after={"role": role}
        )
    grant.role, grant.confirmed_at = role, transaction_time()
    grant.save(update_fields=["role", "confirmed_at"])
    return held


def _end(grant: RoleGrant) -> None:
    """End the membership, unless a manager has made another one of it meanwhile."""
    held, provider = grant.membership, grant.provider
    grant.delete()
    if held.ended_at is None and held.role == grant.role:
        held.ended_at = transaction_time()
        held.save(update_fields=["ended_at"])
        _record("end_role_by_provider", held, provider, before={"role": held.role})


def _record(
    verb: str,
    membership: Membership,
    provider: Provider,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record_event(
        actor=f"provider:{provider.pk}",
        verb=verb,
        subject=membership,
        before=before,
        after=after,
        tenant=membership.organisation.reference,
    )
