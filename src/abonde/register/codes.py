"""Codes that the certifier hands out or posts: each stands for one entry, is good once, and is kept as a keyed hash only.

A code has eleven random characters of an alphabet of 31 and a check symbol. Against 500,000 codes at once, 100,000 guesses
that even have the right check symbol find one with a chance of 500,000 × 100,000 / 31¹¹, about two in a million; the limits
let nobody make them in a thousand years.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.sealing import unseal
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.register.claims import claim_entry
from abonde.register.limits import Limit, count_attempt
from abonde.register.models import Certificate, Entry, Mailing, PostedCode, Register, Strategy

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without 0 1 I O U, which eyes and ears mistake; 31 is prime, so that the check symbol catches every slip and every swap."""
LENGTH: Final = 12
GROUP: Final = 4
GOOD_FOR: Final = timedelta(days=60)
BY_PERSON: Final = Limit("code by person", most=10, within=timedelta(hours=24))
BY_ADDRESS: Final = Limit("code by address", most=60, within=timedelta(hours=24))
BY_CODE: Final = Limit("code", most=20, within=timedelta(hours=24))


class WrongCode(Refusal):
    """What was typed is no code."""


def new_code() -> str:
    """A random code with its check symbol."""
    body = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH - 1))
    return body + check_symbol(body)


def check_symbol(body: str) -> str:
    """The last character: Σ place × value modulo 31, places from 1."""
    total = sum(place * ALPHABET.index(character) for place, character in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def grouped(code: str) -> str:
    """A code as it is printed: four characters at a time."""
    return " ".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read_code(written: str) -> str:
    """What somebody typed, without spaces, hyphens or small letters. Raises WrongCode with what to look at."""
    code = "".join(
        character for character in written.upper() if not character.isspace() and character not in "-–."
    )
    if any(character not in ALPHABET for character in code):
        raise WrongCode("A code holds neither 0, 1, I, O nor U, nor any sign: look at your letter once more.")
    if len(code) != LENGTH:
        raise WrongCode(
            "A code has {length} characters: look whether one is missing or too many.", length=LENGTH
        )
    if check_symbol(code[:-1]) != code[-1]:
        raise WrongCode("One of the characters is not right: compare them with your letter, one by one.")
    return code


def digest_of(register: Register, code: str) -> bytes:
    """HMAC-SHA-256 of the code under the register's key."""
    return hmac.digest(unseal(bytes(register.sealed_key)), f"code\0{code}".encode(), hashlib.sha256)


def make_code(*, entry: Entry, made_by: Person) -> str:
    """A fresh code for an entry, to be shown once; former codes of the entry end. Raises NotNow where it was claimed.

    Who may ask is looked at by the caller: the counter, or the job that writes letters.
    """
    with transaction.atomic():
        locked = (
            Entry.objects.select_for_update(of=("self",), no_key=True)
            .select_related("register__owner")
            .get(pk=entry.pk)
        )
        if Certificate.objects.filter(entry=locked).exists():
            raise NotNow("This voice has been claimed already: a code would open nothing.")
        now = transaction_time()
        PostedCode.objects.filter(entry=locked, used_at=None, ended_at=None).update(ended_at=now)
        code = new_code()
        made = PostedCode.objects.create(
            entry=locked, digest=digest_of(locked.register, code), made_by=made_by, expires_at=now + GOOD_FOR
        )
        record_event(
            actor=made_by.actor, verb="make_code", subject=made, tenant=locked.register.owner.reference
        )
    return code


def make_codes(*, entries: Sequence[int], mailing: Mailing) -> dict[int, str]:
    """Fresh codes for the letters of a mailing by the numbers of entries, in the caller's transaction; former codes end.

    Entries that were claimed meanwhile are left out.
    """
    register = mailing.register
    locked = (
        Entry.objects.select_for_update(no_key=True).filter(pk__in=entries, register=register).order_by("pk")
    )
    claimed = set(Certificate.objects.filter(entry__in=entries).values_list("entry_id", flat=True))
    codes = {entry.pk: new_code() for entry in locked if entry.pk not in claimed}
    now = transaction_time()
    PostedCode.objects.filter(entry__in=codes, used_at=None, ended_at=None).update(ended_at=now)
    PostedCode.objects.bulk_create(
        PostedCode(
            entry_id=entry,
            mailing=mailing,
            digest=digest_of(register, code),
            made_by_id=mailing.person_id,
            expires_at=now + GOOD_FOR,
        )
        for entry, code in codes.items()
    )
    return codes


def claim_with_code(*, person: Person, written: str, address: str) -> Certificate:
    """Claim the entry that the code stands for. `address` is the network address it was typed at.

    Every attempt counts, by person, by address and by code. Raises TooOften, WrongCode, NoVoice.
    """
    count_attempt(BY_PERSON, str(person.pk))
    count_attempt(BY_ADDRESS, address)
    code = read_code(written)
    count_attempt(BY_CODE, code)
    digests = [digest_of(register, code) for register in Register.objects.filter(strategy=Strategy.CERTIFIED)]
    with transaction.atomic():
        found = (
            PostedCode.objects.select_for_update(of=("self",))
            .select_related("entry")
            .filter(digest__in=digests)
            .first()
        )
        if found is None:
            raise WrongCode(
                "No letter bears this code: compare the characters once more, or ask at the counter."
            )
        if (
            found.used_at is not None
            and not Certificate.objects.filter(person=person, entry=found.entry, revoked_at=None).exists()
        ):
            raise WrongCode("This code has been used already. If that was not you, tell whoever sent it.")
        if found.used_at is None and (found.ended_at is not None or found.expires_at <= transaction_time()):
            raise WrongCode("This code is no longer good: ask at the counter for a new one.")
        granted = claim_entry(person=person, entry=found.entry, method="code")
        if found.used_at is None:
            found.used_at = transaction_time()
            found.save(update_fields=["used_at"])
    return granted
