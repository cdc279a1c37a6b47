"""What an agent is shown of a file while it is there: its first rows as they are understood, and the rows that are bad.

Nothing of this is kept: it is read out of the sealed pieces as the page is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from abonde.register.faults import SENTENCES, Fault, Unreadable
from abonde.register.identity import Pivot, read_pivot
from abonde.register.importing_file import opened
from abonde.register.importing_layout import Layout, Part
from abonde.register.importing_rows import PIVOT, cell_of
from abonde.register.importing_table import first_rows, rows_of
from abonde.register.models import Import

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Understood:
    """A row as it would be read: who it is, or the English sentence of its fault."""

    number: int
    pivot: Pivot | None = field(default=None, repr=False)
    group: str = ""
    fault: str = ""


def preview(underway: Import, *, number: int = SHOWN + 1) -> list[list[str]]:
    """The first rows of the file, for the eyes of the agent who names its columns. Raises Refusal."""
    return first_rows(opened(underway), Layout.from_json(underway.layout), number)


def understood(underway: Import, *, number: int = SHOWN) -> list[Understood]:
    """The first rows as the named columns make them out. Raises Refusal."""
    layout = Layout.from_json(underway.layout)
    with closing(opened(underway)) as file:
        return [_understood(*row, layout) for row in islice(rows_of(file, layout), number)]


def bad_rows(underway: Import, *, most: int | None = None) -> Iterator[tuple[int, Fault, Sequence[str]]]:
    """Number, fault and cells of each row that cannot be used, in their order; without cells once the file is gone."""
    faults = underway.rows.exclude(fault="").order_by("number").values_list("number", "fault")
    wanted = {number: Fault(fault) for number, fault in (faults if most is None else faults[:most])}
    if not underway.pieces.exists():
        yield from ((number, fault, ()) for number, fault in wanted.items())
        return
    last = max(wanted, default=0)
    layout = Layout.from_json(underway.layout)
    with closing(opened(underway)) as file:
        for number, cells in rows_of(file, layout):
            if number > last:
                return
            if number in wanted:
                yield number, wanted[number], cells


def _understood(number: int, cells: Sequence[str], layout: Layout) -> Understood:
    try:
        pivot = read_pivot(*(cell_of(cells, layout, part) for part in PIVOT))
        return Understood(number, pivot, cell_of(cells, layout, Part.GROUP))
    except Unreadable as refusal:
        return Understood(number, fault=SENTENCES[refusal.fault])
