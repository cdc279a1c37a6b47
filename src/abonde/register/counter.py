"""The counter (guichet): an official finds somebody in the register, and certifies their account or hands out a code.

Nothing that is typed here is stored or logged: it becomes hashes, which are compared.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.sealing import unseal
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.register.actions import revoke_certificate
from abonde.register.claims import claim_entry
from abonde.register.codes import make_code
from abonde.register.identity import Pivot, entry_key, place_key
from abonde.register.limits import Limit, count_attempt
from abonde.register.models import (
    Certificate,
    CounterNumber,
    Entry,
    Origin,
    Proposal,
    Register,
    Strategy,
)
from abonde.register.search import find_entries, near_entries, same_place

NUMBER_GOOD_FOR: Final = timedelta(minutes=10)
NUMBERS: Final = 1_000_000
BY_OFFICIAL: Final = Limit("number by official", most=240, within=timedelta(hours=1))
"""As many people as stand at a counter in an hour of fifteen seconds each."""
TRIES: Final = 20
MOST_NEAR: Final = 10


@dataclass(frozen=True, slots=True)
class Found:
    """Who comes into question: entries that match, and near misses with how their names would then be written."""

    exact: list[Entry]
    near: list[tuple[Pivot, Entry]] = field(repr=False)
    claimed: Mapping[int, Certificate] = field(default_factory=dict)
    """By the numbers of those entries whose voice was ever claimed: the last certificate, which may have ended."""


def look_up(*, person: Person, register: Register, pivot: Pivot) -> Found:
    """Find somebody as their identity card writes them. Raises NotAllowed, Refusal."""
    _require_official(person, register)
    exact = find_entries(register, pivot)
    near = near_entries(register, pivot)[:MOST_NEAR]
    numbers = [entry.pk for entry in [*exact, *(entry for _pivot, entry in near)]]
    claimed = {one.entry_id: one for one in Certificate.objects.filter(entry__in=numbers).order_by("pk")}
    record_event(
        actor=person.actor,
        verb="search_register",
        subject=register,
        after={"exact": len(exact), "near": len(near)},
        tenant=register.owner.reference,
    )
    return Found(exact, near, claimed)


def number_for(person: Person) -> CounterNumber:
    """The six digits that this person's screen shows now; new ones when the former are over."""
    now = transaction_time()
    CounterNumber.objects.filter(expires_at__lte=now).delete()
    for _time in range(TRIES):
        try:
            with transaction.atomic():
                return CounterNumber.objects.get_or_create(
                    person=person,
                    defaults={
                        "number": f"{secrets.randbelow(NUMBERS):06}",
                        "expires_at": now + NUMBER_GOOD_FOR,
                    },
                )[0]
        except IntegrityError:  # the same digits on somebody else's screen
            continue
    raise NotNow("Too many people are at the counters at this moment: try again in a minute.")


def certify(*, person: Person, entry: Entry, number: str) -> Certificate:
    """Give the voice of the entry to the account whose screen shows the number; `person` is the official.

    Raises NotAllowed, TooOften, Refusal, NoVoice.
    """
    _require_official(person, entry.register)
    count_attempt(BY_OFFICIAL, str(person.pk))
    with transaction.atomic():
        shown = _shown(person, number)
        granted = claim_entry(person=shown.person, entry=entry, method="counter", granted_by=person)
        shown.delete()
    return granted


def move_voice(*, person: Person, entry: Entry, number: str, reason: str) -> Certificate:
    """Give a claimed voice to another account of the same human, who stands here: the former certificate ends.

    For who lost their account, or whose voice was taken back wrongly; what the former one gave is no longer matched. A voice
    that was taken back before keeps the reason of that day. Raises NotAllowed, TooOften, Refusal, NotNow.
    """
    _require_official(person, entry.register)
    if not reason.strip():
        raise Refusal("Say why the voice moves.")
    count_attempt(BY_OFFICIAL, str(person.pk))
    with transaction.atomic():
        shown = _shown(person, number)
        former = Certificate.objects.filter(entry=entry).order_by("-pk").first()
        if former is None:
            raise NotNow("This voice has not been claimed: certify the account instead.")
        if former.revoked_at is None:
            if former.person_id == shown.person_id:
                raise NotNow("This account has this voice already.")
            revoke_certificate(person=person, certificate=former, reason=reason)
        granted = claim_entry(
            person=shown.person, entry=entry, method="counter", granted_by=person, again=True
        )
        record_event(
            actor=person.actor,
            verb="move_voice",
            subject=granted,
            before={"voice": former.reference},
            after={"voice": granted.reference, "reason": reason.strip()},
            tenant=entry.register.owner.reference,
        )
        shown.delete()
    return granted


def slip(*, person: Person, entry: Entry) -> str:
    """A code to hand out, shown this once. Raises NotAllowed, NotNow."""
    _require_official(person, entry.register)
    return make_code(entry=entry, made_by=person)


def propose(*, person: Person, register: Register, pivot: Pivot, proof: str, reason: str) -> Proposal:
    """Add somebody who has proved that they live here, at once, or once a second official has confirmed it.

    Raises NotAllowed, Refusal, NotNow where they stand in the register already or are proposed.
    """
    _require_official(person, register)
    if not proof.strip() or not reason.strip():
        raise Refusal("Say which paper was shown, and why the person is not in the register.")
    secret = unseal(bytes(register.sealed_key))
    key, place = entry_key(secret, pivot), place_key(secret, pivot)
    with transaction.atomic():
        Register.objects.select_for_update(no_key=True).get(
            pk=register.pk
        )  # an import waits, or is waited for
        if find_entries(register, pivot):
            raise NotNow("This person is in the register: look them up once more.")
        if Proposal.objects.filter(register=register, key=key, place_key=place, decided_at=None).exists():
            raise NotNow("This person has been proposed already: a colleague has to confirm it.")
        made = Proposal.objects.create(
            register=register,
            key=key,
            place_key=place,
            proof=proof.strip(),
            reason=reason.strip(),
            person=person,
        )
        _record(made, person, "propose_entry")
        if not register.two_officials:
            _accept(made, person)
    return made


def decide(*, person: Person, proposal: Proposal, accept: bool) -> Proposal:
    """Confirm or decline what a colleague proposed. Raises NotAllowed, Refusal, NotNow."""
    _require_official(person, proposal.register)
    with transaction.atomic():
        Register.objects.select_for_update(no_key=True).get(pk=proposal.register_id)
        locked = (
            Proposal.objects.select_for_update(of=("self",))
            .select_related("register__owner")
            .get(pk=proposal.pk)
        )
        if locked.decided_at is not None:
            raise NotNow("This has been decided already.")
        if locked.person_id == person.pk and accept:
            raise Refusal("A second official confirms: ask a colleague.")
        if accept:
            _accept(locked, person)
        else:
            locked.decided_by, locked.decided_at = person, transaction_time()
            locked.save(update_fields=["decided_by", "decided_at"])
            _record(locked, person, "decline_entry")
    return locked


def ask_two_officials(*, person: Person, register: Register, two: bool) -> None:
    """Whether a second official confirms who is added from now on; for managers. Raises NotAllowed."""
    require_role(person, register.owner, Role.MANAGER)
    require_second_factor(person)
    with transaction.atomic():
        if Register.objects.filter(pk=register.pk).exclude(two_officials=two).update(two_officials=two):
            record_event(
                actor=person.actor,
                verb="ask_two_officials",
                subject=register,
                before={"two": not two},
                after={"two": two},
                tenant=register.owner.reference,
            )


def _accept(proposal: Proposal, person: Person) -> None:
    key, place = bytes(proposal.key), bytes(proposal.place_key)
    same = Entry.objects.filter(register_id=proposal.register_id, key=key)
    known = [entry for entry in same if same_place(bytes(entry.place_key), place)]
    if len(known) > 1:
        raise NotNow("Several people of the register come into question: look them up once more.")
    # Somebody who comes back has their former entry, and whatever was ever claimed with it.
    entry = known[0] if known else Entry(register_id=proposal.register_id, key=key, place_key=place)
    entry.left_at, entry.origin = None, Origin.COUNTER
    entry.save()
    proposal.entry, proposal.decided_by, proposal.decided_at = entry, person, transaction_time()
    proposal.save(update_fields=["entry", "decided_by", "decided_at"])
    _record(proposal, person, "add_entry")


def _record(proposal: Proposal, person: Person, verb: str) -> None:
    record_event(
        actor=person.actor,
        verb=verb,
        subject=proposal,
        after={"register": proposal.register_id, "proof": proposal.proof},
        tenant=proposal.register.owner.reference,
    )


def _shown(person: Person, number: str) -> CounterNumber:
    """The number on somebody's screen, locked. Raises Refusal where no screen shows it, or the official's own does."""
    digits = "".join(character for character in number if character.isdecimal())
    shown = (
        CounterNumber.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(number=digits, expires_at__gt=transaction_time())
        .first()
    )
    if shown is None:
        raise Refusal(
            "No screen shows this number now: ask the person to open “My voice → At the counter” once more."
        )
    if shown.person_id == person.pk:
        raise Refusal("This is your own account: ask a colleague to certify it.")
    return shown


def _require_official(person: Person, register: Register) -> None:
    require_role(person, register.owner, Role.REGISTRAR)
    require_second_factor(person)
    if register.strategy != Strategy.CERTIFIED:
        raise Refusal("Only a certified register has a counter.")
