"""Claiming an entry: whichever way somebody proves who they are, they end at the same entry, and it is claimed once for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from abonde.core.events import record_event
from abonde.people.models import Person
from abonde.register.actions import EntryTaken
from abonde.register.announcing import announce
from abonde.register.identity import Pivot
from abonde.register.models import Certificate, Entry, Register, Strategy
from abonde.register.search import find_entries
from abonde.register.strategies import NoVoice


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of a claim in several registers: granted now; held before; nobody found; homonyms; somebody else's."""

    granted: list[Register] = field(default_factory=list)
    held: list[Register] = field(default_factory=list)
    absent: list[Register] = field(default_factory=list)
    unclear: list[Register] = field(default_factory=list)
    taken: list[Register] = field(default_factory=list)


def claim_with_pivot(*, person: Person, pivot: Pivot, method: str, registers: Iterable[Register]) -> Claimed:
    """Claim the person's entry in each certified register, by who they have proved to be. The pivot is kept nowhere.

    Only one entry that matches exactly is claimed; near misses and homonyms are for an agent's eyes.
    """
    claimed = Claimed()
    for register in registers:
        if register.strategy != Strategy.CERTIFIED:
            continue
        if Certificate.objects.filter(person=person, register=register, revoked_at=None).exists():
            claimed.held.append(register)
            continue
        found = find_entries(register, pivot)
        if len(found) != 1:
            (claimed.unclear if found else claimed.absent).append(register)
            continue
        try:
            claim_entry(person=person, entry=found[0], method=method)
        except NoVoice:
            claimed.taken.append(register)
        else:
            claimed.granted.append(register)
    return claimed


def claim_entry(
    *,
    person: Person,
    entry: Entry,
    method: str,
    granted_by: Person | None = None,
    again: bool = False,
) -> Certificate:
    """Tie the person to the entry. Of a hundred who claim it at once, one wins; claimed again by the same, it is theirs.

    `again` is for an official who moves a voice whose former certificate has just ended. Raises EntryTaken where somebody
    ever held it, NoVoice where the person has a voice already or the entry is gone.
    """
    with transaction.atomic():
        # One order for everybody: the person, then the entry.
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        locked = (
            Entry.objects.select_for_update(of=("self",), no_key=True)
            .select_related("register__owner")
            .get(pk=entry.pk)
        )
        register = locked.register
        held = Certificate.objects.filter(person=person, register=register, revoked_at=None).first()
        if held is not None:
            if held.entry_id == locked.pk:
                return held
            raise NoVoice(
                "This account has a voice in {register} already: one person, one voice.", register=register
            )
        ever = Certificate.objects.filter(entry=locked)
        if (ever.filter(revoked_at=None) if again else ever).exists():
            raise EntryTaken(
                "This voice in {register} has been claimed before, with another account or with one that is gone. If that "
                "was not you, tell {owner}.",
                register=register,
                owner=register.owner,
            )
        if locked.left_at is not None:
            raise NoVoice(
                "This entry is no longer in {register}: ask {owner}.", register=register, owner=register.owner
            )
        granted = Certificate.objects.create(
            person=person, register=register, entry=locked, method=method, granted_by=granted_by
        )
        record_event(
            actor=(granted_by or person).actor,
            verb="claim_voice",
            subject=granted,
            after={"method": method},
            tenant=register.owner.reference,
        )
        announce(person, register)
    return granted
