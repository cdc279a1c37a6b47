"""How each kind of register knows who has a voice: one small interface."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Collection, Mapping
from typing import Final, Protocol

from django.db.models import Count, Exists, OuterRef

from abonde.core.sealing import unseal
from abonde.identities.models import Identity
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.people.queries import verified_address
from abonde.register.models import Alias, Entry, Register, Strategy, TrustedIssuer


class NoVoice(Refusal):
    """The person has no claim to a voice in this register."""


class Claims(Protocol):
    """A strategy: from a person to the entry that is theirs."""

    def entry_of(self, person: Person, register: Register) -> Entry:
        """The entry that the person may claim without an agent's help, made if the strategy makes entries.

        Raises NoVoice.
        """


class ByVerifiedAddress:
    """Open registers: whoever has verified an e-mail address has one entry, made at the first claim.

    The entry outlives the account: who deletes theirs and comes back finds the same entry, not a second voice.
    """

    def entry_of(self, person: Person, register: Register) -> Entry:
        address = verified_address(person)
        if address is None:
            raise NoVoice(
                "Confirm your e-mail address first: your voice in {register} goes with it.", register=register
            )
        return entry_made(register, entry_key(register, f"email:{normalised(address)}"))


class ByTrustedIssuer:
    """Registers of a community: whoever a trusted provider knows has one entry, made at the first claim.

    One account at a provider is one voice, and so are all those that one account here has joined, for ever.
    """

    def entry_of(self, person: Person, register: Register) -> Entry:
        trusted = TrustedIssuer.objects.filter(register=register, provider=OuterRef("provider"))
        mine = Identity.objects.filter(person=person).annotate(is_trusted=Exists(trusted))
        identities = list(mine.order_by("linked_at", "pk"))
        first = next((one for one in identities if one.is_trusted), None)
        if first is None:
            raise NoVoice(
                "Your voice in {register} goes with an account of {issuers}: link it under “My log-in providers”.",
                register=register,
                issuers=", ".join(register.issuers.order_by("label").values_list("label", flat=True)),
            )
        known = entries_behind(register, [identity_key(register, one) for one in identities])
        return next(iter(known), None) or entry_made(register, identity_key(register, first))


class ByCertifier:
    """Certified registers: only the certifier adds entries, and people claim them through it."""

    def entry_of(self, person: Person, register: Register) -> Entry:  # noqa: ARG002  the interface's signature
        raise NoVoice(
            "A voice in {register} is granted by {certifier}.", register=register, certifier=register.owner
        )


STRATEGIES: Final[Mapping[Strategy, Claims]] = {
    Strategy.COMMUNITY: ByTrustedIssuer(),
    Strategy.OPEN: ByVerifiedAddress(),
    Strategy.CERTIFIED: ByCertifier(),
}


def entry_key(register: Register, identity: str) -> bytes:
    """HMAC-SHA-256 of what identifies an entry, under the register's own key."""
    return hmac.digest(unseal(bytes(register.sealed_key)), identity.encode(), hashlib.sha256)


def entry_made(register: Register, key: bytes) -> Entry:
    """The entry under the key, made if it is not there."""
    Entry.objects.bulk_create([Entry(register=register, key=key)], ignore_conflicts=True)
    return Entry.objects.get(register=register, key=key)


def identity_key(register: Register, identity: Identity) -> bytes:
    """Under which a register of a community knows an account at a provider."""
    return entry_key(register, f"identity:{identity.provider_id}:{bytes(identity.subject).hex()}")


def identity_keys(register: Register, person: Person) -> list[bytes]:
    """Those of all the person's identities, of trusted providers or not: what is joined today stays joined."""
    return [identity_key(register, one) for one in Identity.objects.filter(person=person)]


def entries_behind(register: Register, keys: Collection[bytes]) -> list[Entry]:
    """The entries to which the keys lead, those that were ever claimed first."""
    by_key = Entry.objects.filter(register=register, key__in=keys).values("pk")
    by_alias = Alias.objects.filter(register=register, key__in=keys).values("entry")
    return list(
        Entry.objects.filter(pk__in=by_key.union(by_alias))
        .annotate(claims=Count("certificates", distinct=True))
        .order_by("-claims", "pk")
    )


def normalised(address: str) -> str:
    """One spelling of a mailbox: NFKC, lower case, without the `+label` that leads to the same box."""
    name, _at, domain = unicodedata.normalize("NFKC", address.strip()).lower().rpartition("@")
    box = name.partition("+")[0] or name
    return f"{box}@{domain}"
