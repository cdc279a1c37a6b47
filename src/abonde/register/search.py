"""Finding somebody in a certified register by who they are: exactly, or but for a slip of the pen."""

from __future__ import annotations

from itertools import islice
from typing import Final

from abonde.core.sealing import unseal
from abonde.register.identity import Pivot, entry_key, near, place_key
from abonde.register.models import Entry, Register

MOST_TRIED: Final = 4000
"""Hashes for one search of near entries; each costs about ten microseconds."""


def find_entries(register: Register, pivot: Pivot, *, gone_too: bool = False) -> list[Entry]:
    """The entries that may be this person's: same names and birth date, and no other birthplace.

    Two or more are homonyms born the same day, whom a person must tell apart. Entries that an import has shown to have
    left the register are found with `gone_too` only: to see whether somebody who comes back already had a voice.
    """
    secret = unseal(bytes(register.sealed_key))
    found = Entry.objects.filter(register=register, key=entry_key(secret, pivot)).order_by("pk")
    place = place_key(secret, pivot)
    return [
        entry
        for entry in found
        if (gone_too or entry.left_at is None) and same_place(bytes(entry.place_key), place)
    ]


def near_entries(register: Register, pivot: Pivot) -> list[tuple[Pivot, Entry]]:
    """The entries that a slip of the pen could hide, each with how its names would then be written.

    First those of the same names and birth date and another birthplace, with the pivot itself: homonyms, or the same
    human with another code. For an agent's eyes, never to be claimed without them. The person's own entry is not among
    them.
    """
    secret = unseal(bytes(register.sealed_key))
    own, place = entry_key(secret, pivot), place_key(secret, pivot)
    tried = {entry_key(secret, one): one for one in islice(near(pivot), MOST_TRIED)}
    present = Entry.objects.filter(register=register, left_at=None).order_by("pk")
    elsewhere = [
        (pivot, entry) for entry in present.filter(key=own) if not same_place(bytes(entry.place_key), place)
    ]
    found = present.filter(key__in=list(tried))
    return elsewhere + [
        (tried[bytes(entry.key)], entry)
        for entry in found
        if same_place(bytes(entry.place_key), place_key(secret, tried[bytes(entry.key)]))
    ]


def same_place(one: bytes, other: bytes) -> bool:
    """Whether two place keys may be one person's: equal, or one of them unknown."""
    return not one or not other or one == other
