"""Long lists of a workspace: sorted, narrowed, ticked, read page by page, and taken away as a file.

A page says its columns once; the list reads what is wanted out of the address, so that it works without scripts, can be
sent to a colleague, and comes back as it was by the back button:

| parameter | means |
| --- | --- |
| `tri` | the key of a column, with `-` before it for the greatest first |
| `page` | the page |
| `choix`, repeated | the numbers of rows that were ticked |
| `fichier` | `tout` or `choix`: a CSV file of all rows that were asked for, or of the ticked ones |

What is not understood counts as not written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.timezone import localtime

Row = TypeVar("Row", bound=Model)

PER_PAGE: Final = 50
MOST_IN_A_FILE: Final = 10_000
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
OWN: Final = ("tri", "page", "choix", "fichier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one place: a text, which may lead somewhere, be a state (`tone`) or an instant; a note below it.

    `more` is a longer text, which the note opens.
    """

    text: str | Promise = ""
    url: str = ""
    tone: str = ""
    at: datetime | None = None
    to_the_minute: bool = False
    note: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """One column: how the page shows it, what the file says (a state's or an instant's own text if nothing else).

    `order` is the field it is sorted by, none if it cannot be; `greatest_first` is how it is sorted at first. What is
    `only_in_file` is too long or too rarely wanted for the page.
    """

    key: str
    label: str | Promise
    cell: Callable[[Row], Cell]
    plain: Callable[[Row], object] | None = None
    order: str = ""
    greatest_first: bool = False
    is_number: bool = False
    only_in_file: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A heading: its column, the address that sorts by it, and how the list is sorted by it now, if it is."""

    column: Column[Any]
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the page: its number, and what stands in each column, the first being its heading."""

    key: str
    cells: list[tuple[Column[Any], Cell]]


class Listing(Generic[Row]):
    """The part of `rows` that a request asks for. `usual` is how the list is sorted when nobody says (a `tri`)."""

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet[Row],
        columns: Sequence[Column[Row]],
        *,
        usual: str,
        name: str,
    ) -> None:
        self.asked: QueryDict = request.GET
        self.columns: Mapping[str, Column[Row]] = {column.key: column for column in columns}
        self.usual, self.name, self._rows = usual, name, rows
        self._shown = [column for column in columns if not column.only_in_file]

    @property
    def is_file(self) -> bool:
        """Whether a file is wanted in place of a page."""
        return self.asked.get("fichier") == "tout" or (self._wants_ticked and "choix" in self.asked)

    @property
    def lacks_ticks(self) -> bool:
        """Whether ticked rows are wanted, and none is ticked."""
        return self._wants_ticked and "choix" not in self.asked

    @property
    def _wants_ticked(self) -> bool:
        return self.asked.get("fichier") == "choix"

    @cached_property
    def sorting(self) -> str:
        """How the list is sorted: the key of a column, with `-` for the greatest first."""
        wanted = self.asked.get("tri", "")
        column = self.columns.get(wanted.removeprefix("-"))
        return wanted if column and column.order else self.usual

    @cached_property
    def page(self) -> Page[Row]:
        """The rows of the page that is asked for: the first for what is no number, the last for one too great."""
        return Paginator(self._sorted(), PER_PAGE).get_page(self.asked.get("page"))

    @property
    def heads(self) -> list[Head]:
        """The headings."""
        return [Head(column, self._sorted_by(column), self._direction(column)) for column in self._shown]

    @property
    def sortable(self) -> list[tuple[str, str | Promise, bool]]:
        """For narrow screens, which have no headings: each way to sort, its words, and whether it is the present one."""
        at_first = [
            (self._at_first(column), column.label) for column in self.columns.values() if column.order
        ]
        chosen = self.sorting.removeprefix("-")
        return [(key, label, key.removeprefix("-") == chosen) for key, label in at_first]

    @property
    def lines(self) -> list[Line]:
        """The rows of the page, cell by cell."""
        return [
            Line(str(row.pk), [(column, column.cell(row)) for column in self._shown]) for row in self.page
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form has to send again, so that nothing is lost that narrows the list."""
        return [
            (name, value)
            for name, values in self.asked.lists()
            if name not in OWN
            for value in values
            if value
        ]

    @property
    def whole_file(self) -> str:
        """The address of the file of all rows, as they are sorted."""
        return self._address(fichier="tout", tri=self.sorting)

    def file(self) -> HttpResponse:
        """The rows as CSV, one line each, keys of columns first: no spreadsheet takes a cell for a formula."""
        rows = self._sorted()
        if self.asked.get("fichier") == "choix":
            rows = rows.filter(pk__in=self._ticked())
        written = io.StringIO()
        table = csv.writer(written, lineterminator="\n")
        table.writerow(self.columns)
        table.writerows(self._plain(row) for row in rows[:MOST_IN_A_FILE])
        response = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        return response

    def _sorted(self) -> QuerySet[Row]:
        column, backwards = self.columns[self.sorting.removeprefix("-")], self.sorting.startswith("-")
        field = F(column.order)
        first = field.desc(nulls_last=True) if backwards else field.asc(nulls_last=True)
        return self._rows.order_by(first, "-pk" if backwards else "pk")

    def _ticked(self) -> list[Any]:
        key = self._rows.model._meta.pk  # noqa: SLF001  (Django's documented door)
        ticked = []
        for written in self.asked.getlist("choix")[:MOST_IN_A_FILE]:
            try:
                number = key.to_python(written)
                key.run_validators(number)
            except ValidationError:
                continue
            ticked.append(number)
        return ticked

    def _plain(self, row: Row) -> Iterable[str]:
        for column in self.columns.values():
            yield plain(column.plain(row) if column.plain else _said(column.cell(row)))

    def _sorted_by(self, column: Column[Row]) -> str:
        if not column.order:
            return ""
        turned = {"ascending": f"-{column.key}", "descending": column.key}
        return self._address(tri=turned.get(self._direction(column)) or self._at_first(column))

    def _at_first(self, column: Column[Row]) -> str:
        return f"-{column.key}" if column.greatest_first else column.key

    def _direction(self, column: Column[Row]) -> str:
        return {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sorting, "")

    def _address(self, **changes: str) -> str:
        wanted = self.asked.copy()
        for name in OWN:
            wanted.pop(name, None)
        wanted.update(changes)
        return f"?{wanted.urlencode()}"


def plain(value: object) -> str:
    """A value as a cell of a file that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, datetime):
        return localtime(value).isoformat(timespec="seconds")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) and not isinstance(value, int) else text


def _said(cell: Cell) -> object:
    return cell.at or str(cell.text)
