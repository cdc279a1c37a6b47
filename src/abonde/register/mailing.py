"""Codes by post: the register keeps no address, so a registrar brings a file of them once more, for this only.

Each row is matched to an entry as an import would match it. Whoever has not claimed their voice gets a fresh code, in a list for a
mail house (CSV) and in letters ready to print (PDF). All of it is sealed, and gone a few days later.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import translation

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.core.sealing import seal, unseal
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.register import tasks
from abonde.register.codes import grouped, make_codes
from abonde.register.faults import Fault, Unreadable
from abonde.register.identity import entry_key, place_key, read_pivot
from abonde.register.importing_file import opened_pieces
from abonde.register.importing_layout import Layout
from abonde.register.importing_rows import PIVOT, cell_of
from abonde.register.importing_table import NotATable, first_rows, looked_at, rows_of
from abonde.register.mailing_letters import Addressed, pdf_of
from abonde.register.models import (
    Certificate,
    Entry,
    Language,
    Mailing,
    MailingPart,
    MailingPiece,
    MailingState,
    Register,
    Strategy,
)
from abonde.register.search import same_place

BATCH: Final = 200
"""Letters of one PDF, written in one transaction."""
KEPT: Final = timedelta(days=3)
"""How long the letters may be fetched."""
FEWEST_LINES: Final = 2
MOST_LINES: Final = 5
LONGEST_LINE: Final = 60
CLAIM_PAGE: Final = "/ma-voix/code/"
OPEN: Final = (MailingState.UPLOADED, MailingState.WRITING)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is matched: the lines of its address, its key and place key."""

    lines: tuple[str, ...]
    key: bytes
    place: bytes


def bring_addresses(*, person: Person, register: Register, pieces: Sequence[bytes]) -> Mailing:
    """Take a file of addresses in, in sealed pieces. Raises NotAllowed, NotNow, Refusal."""
    require_registrar(person, register)
    if register.strategy != Strategy.CERTIFIED:
        raise Refusal("Only people of a certified register get letters.")
    if not pieces:
        raise Refusal("The file is empty.")
    layout, number = looked_at([opened_pieces(pieces) for _time in range(3)])
    with transaction.atomic():
        Register.objects.select_for_update(no_key=True).get(pk=register.pk)
        if Mailing.objects.filter(register=register, state__in=OPEN).exists():
            raise NotNow("Other letters are being written for this register: finish or discard them first.")
        made = Mailing.objects.create(
            register=register, person=person, layout={**layout.to_json(), "lines": []}, rows_total=number
        )
        MailingPiece.objects.bulk_create(
            MailingPiece(of=made, part=MailingPart.FILE, position=place, sealed=piece)
            for place, piece in enumerate(pieces)
        )
        _record(made, person, "bring_addresses")
    return made


def preview(mailing: Mailing, *, number: int = 6) -> list[list[str]]:
    """The first rows of the file. Raises Refusal."""
    return first_rows(_opened(mailing), Layout.from_json(_plain(mailing.layout)), number)


def describe_addresses(*, person: Person, mailing_id: int, layout: Layout) -> Mailing:
    """Say how the file is written, and see it anew. Raises NotAllowed, NotNow, Refusal."""
    with transaction.atomic():
        locked = _locked(person, mailing_id, (MailingState.UPLOADED,))
        layout.require_way_of(Layout.from_json(locked.layout))
        locked.layout = {**layout.to_json(), "lines": []}
        preview(locked)
        locked.save(update_fields=["layout"])
    return locked


def write_letters(
    *,
    person: Person,
    mailing_id: int,
    layout: Layout,
    lines: Sequence[int],
    language: Language = Language.FRENCH,
) -> Mailing:
    """Have the letters written: `lines` are the columns of the address, from its first line. Raises NotAllowed, NotNow, Refusal."""
    if not layout.is_complete:
        raise Refusal("Say which columns hold the birth name, the given names and the birth date.")
    if not FEWEST_LINES <= len(lines) <= MOST_LINES:
        raise Refusal(
            "An address has between {fewest} and {most} lines: say which columns they are.",
            fewest=FEWEST_LINES,
            most=MOST_LINES,
        )
    with transaction.atomic():
        locked = _locked(person, mailing_id, (MailingState.UPLOADED,))
        layout.require_way_of(Layout.from_json(locked.layout))
        locked.layout = {**layout.to_json(), "lines": list(lines)}
        preview(locked)
        locked.state, locked.language = MailingState.WRITING, language
        locked.save(update_fields=["layout", "state", "language"])
        _record(locked, person, "write_letters")
        tasks.write_letters.defer(mailing_id=locked.pk)
    return locked


def discard_mailing(*, person: Person, mailing_id: int) -> Mailing:
    """Drop the file and the letters. Codes that were written stay good: the letters may be on their way."""
    with transaction.atomic():
        locked = _locked(
            person, mailing_id, (MailingState.UPLOADED, MailingState.WRITING, MailingState.READY)
        )
        end_mailing(locked, MailingState.DISCARDED)
        _record(locked, person, "discard_letters")
    return locked


def forget_letters() -> int:
    """Drop what nobody needs any more: letters that were ready for days, files that nobody came back to; how many."""
    since = transaction_time() - KEPT
    ready = Mailing.objects.filter(state=MailingState.READY, ended_at__lt=since)
    waiting = Mailing.objects.filter(state=MailingState.UPLOADED, uploaded_at__lt=since)
    with transaction.atomic():
        gone = [*ready.select_for_update(), *waiting.select_for_update()]
        for mailing in gone:
            end_mailing(mailing, MailingState.DISCARDED)
    return len(gone)


def carry_on(*, mailing_id: int) -> None:
    """What the job does: batch after batch, each in a transaction, going on where a killed worker stopped."""
    mailing = Mailing.objects.select_related("register__owner").get(pk=mailing_id)
    if mailing.state != MailingState.WRITING:
        return
    layout = Layout.from_json(_plain(mailing.layout))
    try:
        with closing(_opened(mailing)) as file, translation.override(mailing.language):
            rows = (row for row in rows_of(file, layout) if row[0] > mailing.rows_read)
            while batch := list(islice(rows, BATCH)):
                if not _write(mailing, layout, batch):
                    return
    except NotATable as refusal:
        with transaction.atomic():
            locked = Mailing.objects.select_for_update().get(pk=mailing_id)
            locked.failure = refusal.message
            end_mailing(locked, MailingState.FAILED)
        return
    with transaction.atomic():
        locked = (
            Mailing.objects.select_for_update(of=("self",))
            .select_related("register__owner")
            .get(pk=mailing_id)
        )
        if locked.state == MailingState.WRITING:
            MailingPiece.objects.filter(of=locked, part=MailingPart.FILE).delete()
            locked.state, locked.ended_at = MailingState.READY, transaction_time()
            locked.save(update_fields=["state", "ended_at"])
            _record(locked, None, "finish_letters")


def list_of(mailing: Mailing) -> Iterator[bytes]:
    """The list for a mail house, piece by piece: CSV in UTF-8, semicolons, a title row."""
    titles = [*(f"adresse_{number}" for number in range(1, MOST_LINES + 1)), "code", "page"]
    yield ("\ufeff" + ";".join(titles) + "\r\n").encode()
    for piece in mailing.pieces.filter(part=MailingPart.LIST).order_by("position"):
        yield unseal(bytes(piece.sealed))


def letters_of(mailing: Mailing, position: int) -> bytes | None:
    """One PDF of letters; None where there is no such one."""
    piece = mailing.pieces.filter(part=MailingPart.LETTERS, position=position).first()
    return unseal(bytes(piece.sealed)) if piece else None


def _write(mailing: Mailing, layout: Layout, batch: Sequence[tuple[int, list[str]]]) -> bool:
    """Match, code and write a batch; False where another job was quicker."""
    with transaction.atomic():
        standing = Mailing.objects.select_for_update(of=("self",)).get(pk=mailing.pk)
        if (standing.state, standing.rows_read) != (MailingState.WRITING, mailing.rows_read):
            return False
        letters, counts = _letters(mailing, layout, [cells for _number, cells in batch])
        position = batch[0][0]
        if letters:
            page = f"{settings.PUBLIC_URL}{CLAIM_PAGE}"
            pdf = pdf_of(letters, register=mailing.register, claim_page=page)
            MailingPiece.objects.bulk_create(
                [
                    MailingPiece(
                        of=standing,
                        part=MailingPart.LIST,
                        position=position,
                        sealed=seal(_csv(letters, page)),
                    ),
                    MailingPiece(of=standing, part=MailingPart.LETTERS, position=position, sealed=seal(pdf)),
                ]
            )
        standing.rows_read = mailing.rows_read = batch[-1][0]
        standing.counts = {
            name: standing.counts.get(name, 0) + counts.get(name, 0) for name in {*standing.counts, *counts}
        }
        standing.save(update_fields=["rows_read", "counts"])
    return True


def _letters(
    mailing: Mailing, layout: Layout, rows: Sequence[Sequence[str]]
) -> tuple[list[Addressed], dict[str, int]]:
    secret = unseal(bytes(mailing.register.sealed_key))
    read = [_read(secret, layout, mailing.layout["lines"], cells) for cells in rows]
    known: dict[bytes, list[Entry]] = {}
    keys = [row.key for row in read if row is not None]
    for entry in Entry.objects.filter(register=mailing.register, key__in=keys, left_at=None).order_by("pk"):
        known.setdefault(bytes(entry.key), []).append(entry)
    claimed = set(
        Certificate.objects.filter(entry__in=[one for some in known.values() for one in some]).values_list(
            "entry_id", flat=True
        )
    )
    counts = {"letters": 0, "absent": 0, "claimed": 0, "unclear": 0, "bad": 0}
    addressed: dict[int, tuple[str, ...]] = {}
    for row in read:
        found = (
            []
            if row is None
            else [e for e in known.get(row.key, []) if same_place(bytes(e.place_key), row.place)]
        )
        if row is None:
            counts["bad"] += 1
        elif not found:
            counts["absent"] += 1
        elif len(found) > 1 or found[0].pk in addressed:
            counts["unclear"] += 1
        elif found[0].pk in claimed:
            counts["claimed"] += 1
        else:
            addressed[found[0].pk] = row.lines
    codes = make_codes(entries=list(addressed), mailing=mailing)
    counts["letters"] = len(codes)
    return [Addressed(addressed[entry], code) for entry, code in codes.items()], counts


def _read(secret: bytes, layout: Layout, columns: Sequence[int], cells: Sequence[str]) -> Row | None:
    try:
        pivot = read_pivot(*(cell_of(cells, layout, part) for part in PIVOT))
        if max(columns) >= len(cells):
            raise Unreadable(Fault.SHORT_ROW)
    except Unreadable:
        return None
    lines = tuple(line[:LONGEST_LINE] for column in columns if (line := cells[column].strip()))
    return Row(lines, entry_key(secret, pivot), place_key(secret, pivot))


def _csv(letters: Sequence[Addressed], page: str) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";")
    for letter in letters:
        lines = [f"'{line}" if line.startswith(FORMULA) else line for line in letter.lines]
        padded = [*lines, *[""] * MOST_LINES][:MOST_LINES]
        writer.writerow([*padded, grouped(letter.code), f"{page}?code={letter.code}"])
    return written.getvalue().encode()


def _opened(mailing: Mailing) -> Any:  # noqa: ANN401  (a stream of bytes)
    pieces = mailing.pieces.filter(part=MailingPart.FILE).order_by("position")
    return opened_pieces(bytes(piece.sealed) for piece in pieces.iterator(chunk_size=1))


def _plain(layout: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in layout.items() if name != "lines"}


def end_mailing(mailing: Mailing, state: MailingState) -> None:
    """Drop the file and the letters of a locked mailing."""
    mailing.pieces.all().delete()
    mailing.state, mailing.ended_at = state, transaction_time()
    mailing.save()


def _locked(person: Person, mailing_id: int, states: Sequence[MailingState]) -> Mailing:
    locked = (
        Mailing.objects.select_for_update(of=("self",)).select_related("register__owner").get(pk=mailing_id)
    )
    require_registrar(person, locked.register)
    if locked.state not in states:
        raise NotNow("These letters have moved on meanwhile: open their page again.")
    return locked


def _record(mailing: Mailing, person: Person | None, verb: str) -> None:
    record_event(
        actor=person.actor if person else None,
        verb=verb,
        subject=mailing,
        after={"register": mailing.register_id, **mailing.counts},
        tenant=mailing.register.owner.reference,
    )


def require_registrar(person: Person, register: Register) -> None:
    """Raises NotAllowed."""
    require_role(person, register.owner, Role.REGISTRAR)
    require_second_factor(person)
