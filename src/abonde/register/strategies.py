"""How each kind of register knows who has a voice: one small interface."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import Final, Protocol

from abonde.core.sealing import unseal
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.people.queries import verified_address
from abonde.register.models import Entry, Register, Strategy


class NoVoice(Refusal):
    """The person has no claim to a voice in this register."""


class Claims(Protocol):
    """A strategy: from a person to the entry that is theirs."""

    def entry_of(self, person: Person, register: Register) -> Entry:
        """The entry that the person may claim without an agent's help, made if the strategy makes entries.

        Raises NoVoice.
        """


class ByVerifiedAddress:
    """Community and open registers: whoever has verified an e-mail address has one entry, made at the first claim.

    The entry outlives the account: who deletes theirs and comes back finds the same entry, not a second voice.
    """

    def entry_of(self, person: Person, register: Register) -> Entry:
        address = verified_address(person)
        if address is None:
            raise NoVoice(
                "Confirm your e-mail address first: your voice in {register} goes with it.", register=register
            )
        key = entry_key(register, f"email:{normalised(address)}")
        Entry.objects.bulk_create([Entry(register=register, key=key)], ignore_conflicts=True)
        return Entry.objects.get(register=register, key=key)


class ByCertifier:
    """Certified registers: only the certifier adds entries, and people claim them through it."""

    def entry_of(self, person: Person, register: Register) -> Entry:  # noqa: ARG002  the interface's signature
        raise NoVoice(
            "A voice in {register} is granted by {certifier}.", register=register, certifier=register.owner
        )


STRATEGIES: Final[Mapping[Strategy, Claims]] = {
    Strategy.COMMUNITY: ByVerifiedAddress(),
    Strategy.OPEN: ByVerifiedAddress(),
    Strategy.CERTIFIED: ByCertifier(),
}


def entry_key(register: Register, identity: str) -> bytes:
    """HMAC-SHA-256 of what identifies an entry, under the register's own key."""
    return hmac.digest(unseal(bytes(register.sealed_key)), identity.encode(), hashlib.sha256)


def normalised(address: str) -> str:
    """One spelling of a mailbox: NFKC, lower case, without the `+label` that leads to the same box."""
    name, _at, domain = unicodedata.normalize("NFKC", address.strip()).lower().rpartition("@")
    box = name.partition("+")[0] or name
    return f"{box}@{domain}"
