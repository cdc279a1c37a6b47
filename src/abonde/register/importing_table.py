"""The rows of a certifier's file, as text, one at a time."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import IO, Final

from python_calamine import CalamineError, load_workbook

from abonde.matching.refusal import Refusal
from abonde.register.importing_layout import (
    LOOKED_AT,
    Format,
    Layout,
    guess_columns,
    guess_delimiter,
    guess_encoding,
)

ZIP: Final = b"PK\x03\x04"
LARGEST_WORKBOOK: Final = 600 * 1024 * 1024
"""Bytes of a workbook when it is unpacked."""
MOST_ROWS: Final = 2_000_000


class NotATable(Refusal):
    """The file cannot be read as rows and columns."""


def rows_of(file: IO[bytes], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with its number as a spreadsheet counts it, titles left out. Raises NotATable."""
    return islice(_filled_rows(file, layout), 1 if layout.has_titles else 0, None)


def first_rows(file: IO[bytes], layout: Layout, number: int) -> list[list[str]]:
    """The first rows that are not blank, titles included. Raises NotATable."""
    return [row for _number, row in islice(_filled_rows(file, layout), number)]


def looked_at(open_file: Sequence[IO[bytes]]) -> tuple[Layout, int]:
    """How a file seems to be written, and about how many rows it has; it is given opened three times.

    Raises NotATable.
    """
    first, second, third = open_file
    beginning = first.read(len(ZIP))
    if beginning == ZIP:
        titles: list[str] = []
        number = 0
        for number, row in _filled_rows(second, Layout(Format.XLSX)):  # noqa: B007  (the last one counts)
            titles = titles or row
        layout = Layout(Format.XLSX, columns=guess_columns(titles))
    else:
        layout, titles, number = _written(second, third)
    if not any(titles):
        raise NotATable("The file holds no rows: its first sheet or its first line is empty.")
    if number > MOST_ROWS:
        raise NotATable("The file has more than {most} rows: part it.", most=MOST_ROWS)
    return layout, number


def _filled_rows(file: IO[bytes], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    rows = _workbook_rows(file) if layout.format == Format.XLSX else _written_rows(file, layout)
    return ((number, row) for number, row in enumerate(rows, start=1) if any(row))


def _written(file: IO[bytes], again: IO[bytes]) -> tuple[Layout, list[str], int]:
    encoding = guess_encoding(file)
    text = io.TextIOWrapper(again, encoding=encoding, newline="")
    beginning = text.read(LOOKED_AT)
    if "\0" in beginning:
        raise NotATable(
            "This file is neither a CSV nor an XLSX file: save it as one of these from your program."
        )
    number = beginning.count("\n")
    while more := text.read(LOOKED_AT):
        number += more.count("\n")
    whole_rows = beginning[: beginning.rfind("\n") + 1] or beginning
    delimiter = guess_delimiter(whole_rows)
    written = csv.reader(io.StringIO(whole_rows, newline=""), delimiter=delimiter)
    titles = next((row for row in written if any(row)), [])
    columns = guess_columns(titles)
    return Layout(Format.CSV, encoding, delimiter, has_titles=True, columns=columns), titles, max(number, 1)


def _written_rows(file: IO[bytes], layout: Layout) -> Iterator[list[str]]:
    text = io.TextIOWrapper(file, encoding=layout.encoding, newline="")
    try:
        for row in csv.reader(text, delimiter=layout.delimiter):
            yield [cell.strip() for cell in row]
    except UnicodeError:
        raise NotATable("The file is not written in this encoding: choose another one.") from None
    except csv.Error:
        raise NotATable("A row of the file cannot be read: a quotation mark may never be closed.") from None


def _workbook_rows(file: IO[bytes]) -> Iterator[list[str]]:
    content = io.BytesIO(file.read())
    try:
        if sum(part.file_size for part in zipfile.ZipFile(content).infolist()) > LARGEST_WORKBOOK:
            raise NotATable(
                "This workbook is too large: save its sheet as CSV, which takes any number of rows."
            )
        content.seek(0)
        with load_workbook(content) as workbook:
            for row in workbook.get_sheet_by_index(0).iter_rows():
                yield [_text(cell) for cell in row]
    except (CalamineError, zipfile.BadZipFile, IndexError):
        raise NotATable("This workbook cannot be opened: save it again as XLSX, or as CSV.") from None


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
