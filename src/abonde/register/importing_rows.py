"""The job that reads a file: each row becomes hashes or a fault, in batches, going on where a killed worker stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import connection, transaction

from abonde.core.sealing import unseal
from abonde.register.faults import Fault, Unreadable
from abonde.register.identity import both_keys, read_pivot
from abonde.register.importing_ends import fail
from abonde.register.importing_file import opened
from abonde.register.importing_layout import Layout, Part
from abonde.register.importing_table import NotATable, rows_of
from abonde.register.models import LONGEST_GROUP, Import, Row
from abonde.register.states import State

BATCH: Final = 5000
"""Rows that are written together, and at most lost by a kill."""

HashedRow = tuple[int, bytes, bytes, str, str]
"""Number, key, place key, group, fault."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """From the cells of a row to what is kept of it."""

    secret: bytes
    layout: Layout

    def read(self, number: int, cells: Sequence[str]) -> HashedRow:
        """Hashes and group of a row, or its fault."""
        try:
            pivot = read_pivot(*(cell_of(cells, self.layout, part) for part in PIVOT))
            group = cell_of(cells, self.layout, Part.GROUP)
            if len(group) > LONGEST_GROUP:
                raise Unreadable(Fault.TOO_LONG)
        except Unreadable as refusal:
            return number, b"", b"", "", refusal.fault
        return number, *both_keys(self.secret, pivot), group, ""


PIVOT: Final = (Part.BIRTH_NAME, Part.GIVEN_NAMES, Part.BIRTHDATE, Part.BIRTHPLACE)


def cell_of(cells: Sequence[str], layout: Layout, part: Part) -> str:
    """What a row says of that part; nothing where the file has no such column. Raises Unreadable."""
    column = layout.columns.get(part)
    if column is None:
        return ""
    if column >= len(cells):
        raise Unreadable(Fault.SHORT_ROW)
    return cells[column]


def read_rows(*, import_id: int, reading: int) -> bool:
    """Read the file of an import from where it stands; whether all of it is read now.

    `reading` numbers the naming of its columns: an earlier job, or a second one at once, stops without a trace.
    """
    found = Import.objects.select_related("register").filter(
        pk=import_id, reading=reading, state=State.READING
    )
    underway = found.first()
    if underway is None:
        return False
    layout = Layout.from_json(underway.layout)
    reader = RowReader(unseal(bytes(underway.register.sealed_key)), layout)
    try:
        with closing(opened(underway)) as file:
            rows = ((number, row) for number, row in rows_of(file, layout) if number > underway.rows_read)
            return _read_on(underway, reader, rows)
    except NotATable as refusal:
        fail(underway, refusal)
        return False


def _read_on(underway: Import, reader: RowReader, rows: Iterator[tuple[int, list[str]]]) -> bool:
    position = underway.rows_read
    while batch := [reader.read(*row) for row in islice(rows, BATCH)]:
        with transaction.atomic():
            standing = Import.objects.select_for_update(no_key=True).get(pk=underway.pk)
            if (standing.state, standing.reading, standing.rows_read) != (
                State.READING,
                underway.reading,
                position,
            ):
                return False
            _write(underway, batch)
            position = standing.rows_read = batch[-1][0]
            standing.save(update_fields=["rows_read"])
    return True


def _write(underway: Import, batch: Sequence[HashedRow]) -> None:
    columns = 'of_id, number, key, place_key, "group", fault'
    with (
        connection.cursor() as cursor,
        cursor.copy(  # the driver's own door to COPY
            f"COPY {Row._meta.db_table} ({columns}) FROM STDIN"  # noqa: SLF001
        ) as copy,
    ):
        for number, key, place, group, fault in batch:
            copy.write_row((underway.pk, number, key, place, group, fault))
