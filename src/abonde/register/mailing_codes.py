"""What became of the codes of a mailing, in numbers; and their end, all together, where the letters are lost.

The register keeps no names, so nobody can be told who still has no voice; a new mailing writes to exactly those.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q

from abonde.core.clock import present_time, transaction_time
from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.register.mailing import end_mailing, require_registrar
from abonde.register.models import Mailing, MailingState, PostedCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """How many codes were written, and what became of each: the five others add up to `written`."""

    written: int
    used: int
    good: int
    expired: int
    replaced: int
    """A later letter or slip brought a newer code."""
    ended: int
    """With all of the mailing."""


def fates_of(mailing: Mailing) -> Fates:
    """The codes of the mailing by what became of them."""
    unused = Q(used_at=None)
    together = Q(ended_at__isnull=False, ended_at=F("mailing__codes_ended_at"))
    found = PostedCode.objects.filter(mailing=mailing).aggregate(
        written=Count("pk"),
        used=Count("pk", filter=~unused),
        good=Count("pk", filter=unused & Q(ended_at=None, expires_at__gt=present_time())),
        expired=Count("pk", filter=unused & Q(ended_at=None, expires_at__lte=present_time())),
        ended=Count("pk", filter=unused & together),
        stopped=Count("pk", filter=unused & Q(ended_at__isnull=False)),
    )
    return Fates(replaced=found.pop("stopped") - found["ended"], **found)


def end_codes(*, person: Person, mailing_id: int, reason: str) -> int:
    """End all codes of the mailing that nobody has used, and drop its letters if they are still here; how many codes.

    Voices that were claimed stay. Raises NotAllowed, NotNow, Refusal.
    """
    with transaction.atomic():
        locked = (
            Mailing.objects.select_for_update(of=("self",))
            .select_related("register__owner")
            .get(pk=mailing_id)
        )
        require_registrar(person, locked.register)
        if not reason.strip():
            raise Refusal("Say why these codes end: it stays in the log of your organisation.")
        if locked.state == MailingState.WRITING:
            raise NotNow("The letters are still being written: delete them first.")
        now = transaction_time()
        number = PostedCode.objects.filter(mailing=locked, used_at=None, ended_at=None).update(ended_at=now)
        if not number:
            raise NotNow("None of these codes could still be used.")
        locked.codes_ended_at = now
        locked.save(update_fields=["codes_ended_at"])
        if locked.state == MailingState.READY:
            end_mailing(locked, MailingState.DISCARDED)
        record_event(
            actor=person.actor,
            verb="end_codes",
            subject=locked,
            after={"codes": number, "reason": reason.strip()},
            tenant=locked.register.owner.reference,
        )
    return number
