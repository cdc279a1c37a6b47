"""What a certifier's agent does with a file: bring it, say how it is written, confirm what it changes, or drop it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.register import tasks
from abonde.register.importing_ends import end, record_import_event
from abonde.register.importing_file import keep, opened_pieces
from abonde.register.importing_layout import Layout
from abonde.register.importing_showing import preview
from abonde.register.importing_table import looked_at
from abonde.register.models import Import, Register, Row, Strategy
from abonde.register.states import DISCARDABLE, NAMEABLE, OPEN, State, not_in

KEPT_AT_MOST: Final = timedelta(days=7)
"""How long a file waits for its agent before it is dropped."""


def bring_file(*, person: Person, register: Register, pieces: Sequence[bytes]) -> Import:
    """Take a file in, in sealed pieces; how it is written is guessed. Raises NotAllowed, NotNow, Refusal."""
    _require_registrar(person, register)
    if register.strategy != Strategy.CERTIFIED:
        raise Refusal("Only a certified register is filled from a file.")
    if not pieces:
        raise Refusal("The file is empty.")
    layout, number = looked_at([opened_pieces(pieces) for _time in range(3)])
    with transaction.atomic():
        Register.objects.select_for_update(no_key=True).get(pk=register.pk)
        if Import.objects.filter(register=register, state__in=OPEN).exists():
            raise NotNow("Another file is being imported into this register: finish it or discard it first.")
        made = Import.objects.create(
            register=register, person=person, layout=layout.to_json(), rows_total=number
        )
        keep(made, pieces)
        record_import_event(made, person=person, verb="bring_register_file", after={"rows": number})
    return made


def describe_file(*, person: Person, import_id: int, layout: Layout) -> Import:
    """Say how the file is written, and see it anew. Raises NotAllowed, NotNow, Refusal."""
    with transaction.atomic():
        locked = _locked(person, import_id, NAMEABLE)
        layout.require_way_of(Layout.from_json(locked.layout))
        locked.layout = layout.to_json()
        preview(locked)
        locked.save(update_fields=["layout"])
    return locked


def name_columns(*, person: Person, import_id: int, layout: Layout) -> Import:
    """Say which column holds what, and have the file read and compared. Raises NotAllowed, NotNow, Refusal."""
    if not layout.is_complete:
        raise Refusal("Say which columns hold the birth name, the given names and the birth date.")
    if len(set(layout.columns.values())) < len(layout.columns):
        raise Refusal("A column can hold one thing only: choose another one for one of the two.")
    with transaction.atomic():
        locked = describe_file(person=person, import_id=import_id, layout=layout)
        Row.objects.filter(of=locked).delete()
        locked.state, locked.rows_read, locked.counts = State.READING, 0, {}
        locked.reading += 1
        locked.save()
        record_import_event(
            locked, person=person, verb="read_register_file", after={"columns": sorted(layout.columns)}
        )
        tasks.read_register_file.defer(import_id=locked.pk, reading=locked.reading)
    return locked


def confirm_import(*, person: Person, import_id: int) -> Import:
    """Have the register written as the file has it; the file itself goes. Raises NotAllowed, NotNow."""
    with transaction.atomic():
        locked = _locked(person, import_id, (State.COMPARED,))
        locked.state, locked.confirmed_by = State.APPLYING, person
        locked.save(update_fields=["state", "confirmed_by"])
        locked.pieces.all().delete()
        record_import_event(locked, person=person, verb="confirm_import")
        tasks.write_register.defer(import_id=locked.pk)
    return locked


def resume_import(*, person: Person, import_id: int) -> Import:
    """Ask once more for what a job should have done: it goes on where it stands, and does nothing twice.

    Raises NotAllowed, NotNow.
    """
    with transaction.atomic():
        locked = _locked(person, import_id, (State.READING, State.APPLYING))
        if locked.state == State.READING:
            tasks.read_register_file.defer(import_id=locked.pk, reading=locked.reading)
        else:
            tasks.write_register.defer(import_id=locked.pk)
        record_import_event(locked, person=person, verb="resume_import")
    return locked


def discard_import(*, person: Person, import_id: int) -> Import:
    """Drop a file before it changes anything. Raises NotAllowed, NotNow."""
    with transaction.atomic():
        locked = _locked(person, import_id, DISCARDABLE)
        end(locked, State.DISCARDED, person=person, verb="discard_import")
    return locked


def discard_forgotten() -> int:
    """Drop the files that have waited for a week; how many."""
    with transaction.atomic():
        since = transaction_time() - KEPT_AT_MOST
        forgotten = Import.objects.filter(state__in=DISCARDABLE, uploaded_at__lt=since)
        for underway in forgotten.select_for_update(of=("self",)).select_related("register__owner"):
            end(underway, State.DISCARDED, person=None, verb="discard_import")
        return len(forgotten)


def _locked(person: Person, import_id: int, states: Collection[State]) -> Import:
    rows = Import.objects.select_for_update(of=("self",)).select_related("register__owner")
    locked = rows.get(pk=import_id)
    _require_registrar(person, locked.register)
    if locked.state not in states:
        raise not_in(State(locked.state))
    return locked


def _require_registrar(person: Person, register: Register) -> None:
    require_role(person, register.owner, Role.REGISTRAR)
    require_second_factor(person)
