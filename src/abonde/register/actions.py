"""Opening a register, and granting and revoking voices."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from django.db import transaction

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.sealing import seal
from abonde.core.transitions import NotNow
from abonde.identities.models import Provider
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation, Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.register.announcing import announce
from abonde.register.community import check_issuers, join_identities
from abonde.register.models import Certificate, Entry, Register, Strategy, TrustedIssuer
from abonde.register.strategies import STRATEGIES, NoVoice

KEY_BYTES: Final = 32


class EntryTaken(NoVoice):
    """The entry already belongs to another account."""


def open_register(
    *,
    person: Person,
    organisation: Organisation,
    strategy: Strategy,
    name: str,
    issuers: Sequence[Provider] = (),
) -> Register:
    """A register of the organisation, with a key of its own; a community's names the `issuers` that it trusts.

    Raises NotAllowed, Refusal.
    """
    require_role(person, organisation, Role.MANAGER)
    if not name.strip():
        raise Refusal("Give the register a name that people will recognise.")
    if strategy == Strategy.COMMUNITY:
        check_issuers(organisation, issuers)
    elif issuers:
        raise Refusal("Only the register of a community trusts log-in providers.")
    with transaction.atomic():
        register = Register.objects.create(
            strategy=strategy,
            name=name.strip(),
            owner=organisation,
            sealed_key=seal(secrets.token_bytes(KEY_BYTES)),
        )
        TrustedIssuer.objects.bulk_create(TrustedIssuer(register=register, provider=one) for one in issuers)
        record_event(
            actor=person.actor,
            verb="open_register",
            subject=register,
            after={"strategy": register.strategy, "issuers": [one.slug for one in issuers]},
            tenant=organisation.reference,
        )
    return register


def claim_own_voice(person: Person, register: Register) -> Certificate:
    """The person's voice in the register, granted if it was not. Of two claims of one entry at once, one wins.

    Raises NoVoice where there is nothing to claim, EntryTaken where another account holds the voice or it was revoked.
    """
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        held = Certificate.objects.filter(person=person, register=register, revoked_at=None).first()
        if held is not None:
            return held
        entry = STRATEGIES[Strategy(register.strategy)].entry_of(person, register)
        locked = Entry.objects.select_for_update(of=("self",), no_key=True)
        granted = _grant(person, locked.select_related("register__owner").get(pk=entry.pk))
        join_identities(person)
    return granted


def claim_if_possible(person: Person, register: Register) -> bool:
    """Claim the person's voice without a word where the register lets them; whether they have one now."""
    try:
        claim_own_voice(person, register)
    except NoVoice:
        return False
    return True


def revoke_certificate(*, person: Person, certificate: Certificate, reason: str) -> Certificate:
    """Take a voice back, for a reason that its holder reads; what they gave stays, unmatched.

    `person` is an agent of the register's owner. Raises NotAllowed, NotNow, Refusal.
    """
    require_role(person, certificate.register.owner, Role.REGISTRAR)
    require_second_factor(person)
    if not reason.strip():
        raise Refusal("Say why the voice is taken back: the person will read it.")
    with transaction.atomic():
        locked = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
        if locked.revoked_at is not None:
            raise NotNow("This voice has already been taken back.")
        locked.revoked_at, locked.revoked_by, locked.reason = transaction_time(), person, reason.strip()
        locked.save(update_fields=["revoked_at", "revoked_by", "reason"])
        record_event(
            actor=person.actor,
            verb="revoke_certificate",
            subject=locked,
            tenant=locked.register.owner.reference,
        )
        announce(locked.person, locked.register)
    return locked


def _grant(person: Person, entry: Entry) -> Certificate:
    """Tie the person to the locked entry, unless somebody ever was."""
    register = entry.register
    if Certificate.objects.filter(entry=entry).exists():
        raise EntryTaken(
            "Your voice in {register} is already taken or was taken back. If you had another account, that voice still "
            "counts where it was used; otherwise ask {owner}.",
            register=register,
            owner=register.owner,
        )
    granted = Certificate.objects.create(
        person=person, register=register, entry=entry, method=register.strategy
    )
    record_event(actor=person.actor, verb="claim_voice", subject=granted, tenant=register.owner.reference)
    announce(person, register)
    return granted
