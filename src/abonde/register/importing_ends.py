"""How an import ends: whatever it became, nothing of its file is left."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.register.importing_file import forget
from abonde.register.models import Import, Row
from abonde.register.states import OPEN, State


def end(underway: Import, state: State, *, person: Person | None, verb: str) -> None:
    """End a locked import: file and hashes go, faults stay for the person who mends them."""
    forget(underway)
    Row.objects.filter(of=underway, fault="").delete()
    Row.objects.filter(of=underway).update(key=b"", place_key=b"", group="", entry=None)
    underway.state, underway.ended_at = state, transaction_time()
    underway.save()
    record_import_event(underway, person=person, verb=verb)


def fail(underway: Import, refusal: Refusal) -> None:
    """End an import that cannot be read, and keep why: a sentence without anything of the file."""
    with transaction.atomic():
        locked = Import.objects.select_for_update(no_key=True).get(pk=underway.pk)
        if locked.state in OPEN:
            locked.failure = refusal.message
            end(locked, State.FAILED, person=None, verb="fail_import")


def record_import_event(
    underway: Import, *, person: Person | None, verb: str, after: Mapping[str, object] | None = None
) -> None:
    """Say in the log what was done with an import: numbers only."""
    record_event(
        actor=person.actor if person else None,
        verb=verb,
        subject=underway,
        after={"register": underway.register_id, **(after or underway.counts)},
        tenant=underway.register.owner.reference,
    )
