"""What organisations sign with: Ed25519 keys, the private halves sealed by the installation's key."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import transaction

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.sealing import seal, unseal
from abonde.organisations.models import Organisation, Role, SigningKey
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person


def make_key(organisation: Organisation) -> SigningKey:
    """A new key for an organisation that has none in use."""
    key = Ed25519PrivateKey.generate()
    return SigningKey.objects.create(
        organisation=organisation,
        public_key=key.public_key().public_bytes_raw(),
        sealed_private_key=seal(key.private_bytes_raw()),
    )


def rotate_key(*, person: Person, organisation: Organisation) -> SigningKey:
    """Put another key into use; what the former one signed stays valid. Raises NotAllowed."""
    require_role(person, organisation, Role.MANAGER)
    require_second_factor(person)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        SigningKey.objects.filter(organisation=organisation, retired_at=None).update(
            retired_at=transaction_time()
        )
        key = make_key(organisation)
        record_event(
            actor=person.actor,
            verb="rotate_signing_key",
            subject=organisation,
            after={"public_key": str(key)},
            tenant=organisation.reference,
        )
    return key


def public_key_of(organisation: Organisation) -> bytes:
    """The 32 bytes with which anyone checks what the organisation signs from now on."""
    return bytes(_key_in_use(organisation).public_key)


def sign(organisation: Organisation, message: bytes) -> tuple[bytes, bytes]:
    """The public key in use, and the 64 bytes of the organisation's signature of the message.

    Who may ask for it is decided by the action that signs. Raises Refusal where the sealing key is missing.
    """
    key = _key_in_use(organisation)
    private = Ed25519PrivateKey.from_private_bytes(unseal(bytes(key.sealed_private_key)))
    return bytes(key.public_key), private.sign(message)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the message was made with the private half of the key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _key_in_use(organisation: Organisation) -> SigningKey:
    return SigningKey.objects.get(organisation=organisation, retired_at=None)
