"""The deeds on a register's file that the drills kill, and what stands afterwards."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from abonde.register.importing_difference import apply, compare
from abonde.register.importing_rows import read_rows
from abonde.register.models import Entry, Import, Piece, Row

BATCH = 3


def read(import_id: str) -> None:
    """As the job does, in small batches."""
    underway = Import.objects.get(pk=import_id)
    with patch("abonde.register.importing_rows.BATCH", BATCH):
        if read_rows(import_id=underway.pk, reading=underway.reading):
            compare(import_id=underway.pk)


def write(import_id: str) -> None:
    apply(import_id=int(import_id))


def found(import_id: str) -> dict[str, Any]:
    underway = Import.objects.get(pk=import_id)
    entries = Entry.objects.filter(register=underway.register)
    return {
        "state": underway.state,
        "rows_read": underway.rows_read,
        "rows": Row.objects.filter(of=underway).count(),
        "counts": underway.counts,
        "pieces": Piece.objects.filter(of=underway).count(),
        "present": entries.filter(left_at=None).count(),
        "gone": entries.exclude(left_at=None).count(),
    }
