"""Registers of a community: by whose word one has a voice in them, and one voice for what one account has joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.identities.models import Identity, Kind, Provider
from abonde.language import mark
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation
from abonde.people.models import Person
from abonde.register.announcing import announce
from abonde.register.models import Alias, Certificate, Entry, Register, Strategy
from abonde.register.strategies import entries_behind, identity_keys

TRUSTABLE: Final = (Kind.KEYCLOAK, Kind.OPENID, Kind.DISCOURSE)
"""FranceConnect knows everybody, not the members of a community, and with ProConnect one person can have several numbers."""
JOINED: Final = mark(
    "The account that stands behind this voice now opens another account, which has a voice already: one person, one voice."
)


def check_issuers(organisation: Organisation, issuers: Sequence[Provider]) -> None:
    """Raises Refusal unless the providers can stand for the members of the organisation's community."""
    if not issuers:
        raise Refusal("Choose at least one log-in provider: whoever has an account there has a voice.")
    for one in issuers:
        if one.organisation_id != organisation.pk or one.kind not in TRUSTABLE:
            raise Refusal(
                "{provider} cannot say who belongs to your community: choose another one.", provider=one
            )
    if len({one.issuer for one in issuers}) < len(issuers):
        raise Refusal(
            "Two of these providers are at the same address: choose one, or people would have two voices."
        )


def trustable_issuers(organisation: Organisation) -> QuerySet[Provider]:
    """The providers of the organisation that can say who belongs to its community."""
    return Provider.objects.filter(organisation=organisation, kind__in=TRUSTABLE).order_by("label", "pk")


def join_identities(person: Person) -> None:
    """Let all identities of the person lead to the one voice that they have, or had, in each register of a community.

    Beside a voice that they have, one that an identity gave to another account ends: they were behind both.
    """
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        ever = Certificate.objects.filter(person=person, register__strategy=Strategy.COMMUNITY)
        for certificate in ever.select_related("register", "entry"):
            _join(certificate, identity_keys(certificate.register, person))


def _join(certificate: Certificate, keys: Sequence[bytes]) -> None:
    register = certificate.register
    if set(keys) <= {bytes(certificate.entry.key)}:
        return  # the one account that the voice was made of: most people have no other, and wait for this
    others = [one for one in entries_behind(register, keys) if one.pk != certificate.entry_id]
    if certificate.revoked_at is None:
        _end_doubles(register, others)
    known = {bytes(certificate.entry.key), *(bytes(one.key) for one in others)}
    Alias.objects.bulk_create(
        (Alias(register=register, entry=certificate.entry, key=key) for key in keys if key not in known),
        ignore_conflicts=True,
    )


def _end_doubles(register: Register, others: Sequence[Entry]) -> None:
    double = Certificate.objects.select_for_update(of=("self",)).filter(entry__in=others, revoked_at=None)
    for one in double.select_related("register__owner", "person"):
        one.revoked_at, one.reason = transaction_time(), JOINED
        one.save(update_fields=["revoked_at", "reason"])
        record_event(
            actor=None,
            verb="revoke_certificate",
            subject=one,
            tenant=register.owner.reference,
        )
        announce(one.person, register)


def may_claim(person: Person) -> set[int]:
    """The registers of communities in which one of the person's identities gives a voice, by number."""
    trusted = Identity.objects.filter(person=person, provider__trusting_registers__isnull=False)
    return set(trusted.values_list("provider__trusting_registers", flat=True))
