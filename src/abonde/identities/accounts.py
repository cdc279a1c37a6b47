"""The accounts that identities open. They are never joined by e-mail: only a person who is logged in links one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from abonde.core.events import record_event
from abonde.core.sealing import seal, unseal
from abonde.identities.models import Attempt, Identity, Provider
from abonde.identities.proof import Proof
from abonde.identities.refusing import LogInRefused
from abonde.notifications.actions import send_letter
from abonde.people.actions import LANGUAGES
from abonde.people.models import Person

KEY_BYTES = 32

on_link: Final[list[Callable[[Person], None]]] = []
"""What is told, in the same transaction, that a person has linked one more identity."""


def new_subject_key() -> bytes:
    """For a new provider: the sealed key of its identities' hashes."""
    return seal(secrets.token_bytes(KEY_BYTES))


def account_behind(*, proof: Proof) -> Person:
    """The account that the identity opens, begun without a name or an address if there is none."""
    subject = subject_hash(proof.provider, proof.subject)
    for _ in range(2):
        known = (
            Identity.objects.filter(provider=proof.provider, subject=subject).select_related("person").first()
        )
        if known is not None:
            return _person_of(known)
        try:
            return _begin(proof.provider, subject)
        except IntegrityError:
            continue  # another tab was quicker: its account is there now
    raise LogInRefused("Two log-ins crossed: try again.")


def link_identity(*, person: Person, proof: Proof) -> Identity:
    """Let the identity open the person's account too. Raises LogInRefused if it opens another."""
    subject = subject_hash(proof.provider, proof.subject)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Identity.objects.create(person=person, provider=proof.provider, subject=subject)
        except IntegrityError as error:
            known = Identity.objects.filter(person=person, provider=proof.provider, subject=subject).first()
            if known is not None:
                return known
            raise LogInRefused(
                "This identity opens another account, or yours is linked to another one of {provider}: unlink it there first.",
                provider=proof.provider,
            ) from error
        record_event(actor=person.actor, verb="link_identity", subject=made)
        send_letter(kind="security_change", person=person, values={"change": "identity_linked"})
        for tell in on_link:
            tell(person)
    return made


def subject_hash(provider: Provider, subject: str) -> bytes:
    """HMAC-SHA-256 of a subject under the provider's own key."""
    return hmac.digest(unseal(bytes(provider.sealed_key)), subject.encode(), hashlib.sha256)


def forget_identities(person: Person) -> None:
    """When an account is deleted."""
    Identity.objects.filter(person=person).delete()
    Attempt.objects.filter(person=person).delete()


def _begin(provider: Provider, subject: bytes) -> Person:
    with transaction.atomic():
        language = (get_language() or "fr")[:2]
        person = Person.objects.create(language=language if language in LANGUAGES else "fr")
        Identity.objects.create(person=person, provider=provider, subject=subject)
        record_event(actor=person.actor, verb="begin_account", subject=person)
    return person


def _person_of(identity: Identity) -> Person:
    person = identity.person
    assert isinstance(person, Person)  # noqa: S101  (AUTH_USER_MODEL)
    return person
