"""Reading gifts row by row, strictly: a sentence with file, line and column for every cell that cannot be used."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from abonde.engines.engine import FileFormat, GiftFile
from abonde.engines.files.gift_file import decoded_lines, parquet_parts
from abonde.matching import LARGEST_GIFT, Gift, Refusal, Refusals

MOST_REFUSALS: Final = 20

WHOLE_CENTS: Final = "0*[1-9][0-9]{0,11}"
"""A written amount from 1 to LARGEST_GIFT cents, as a regular expression that Python and SQL read alike."""

YES: Final = ("1", "true", "yes", "oui", "vrai")
NO: Final = ("0", "false", "no", "non", "faux")

_WHOLE_CENTS = re.compile(WHOLE_CENTS)
_TWO_DECIMALS = re.compile(r"([0-9]+)[.,]([0-9]{1,2})")
_ELIGIBLE: Final[Mapping[str, bool]] = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)


class Where(NamedTuple):
    """Where a row stands: in a line of a text, or in a row of a table. Put into words only when something is off."""

    format: FileFormat
    file: Path
    number: int

    def in_words(self) -> Refusal:
        if self.format is FileFormat.CSV:
            return Refusal("{file}, line {number}", file=self.file, number=self.number)
        return Refusal("{file}, row {number}", file=self.file, number=self.number)


Row = tuple[Where, Mapping[str, object]]
"""A row, its cells by role."""


def read_gifts(gifts: GiftFile) -> Iterator[Gift]:
    """Every gift of the file, in its order, in constant memory.

    Raises Refusals with the first 20 things to mend, once they have been met; what was yielded before is of no use
    then.
    """
    refusals: list[Refusal] = []
    rows = _csv_rows(gifts, refusals) if gifts.format is FileFormat.CSV else _parquet_rows(gifts)
    try:
        for where, cells in rows:
            gift = _gift(gifts, where, cells, refusals)
            if gift is not None and not refusals:
                yield gift
            if len(refusals) >= MOST_REFUSALS:
                break
    except Refusal as unreadable:
        refusals.append(unreadable)
    if refusals:
        raise Refusals(refusals[:MOST_REFUSALS])


def _gift(gifts: GiftFile, where: Where, cells: Mapping[str, object], refusals: list[Refusal]) -> Gift | None:
    """The gift of one row, or None, the reasons being added to `refusals`."""
    before = len(refusals)
    person, project = cells["person"], cells["project"]
    for column, key in ((gifts.person, person), (gifts.project, project)):
        if key is None or key == "":
            refusals.append(
                Refusal(
                    "{where}, column {column}: empty; every gift has a person and a project.",
                    where=where.in_words(),
                    column=column,
                )
            )
        elif isinstance(key, str) and key[0] == " " and key.lstrip(" ").startswith('"'):
            refusals.append(
                Refusal(
                    "{where}, column {column}: a quote opens after a space; take the space away.",
                    where=where.in_words(),
                    column=column,
                )
            )
    cents = _cents(where, gifts.cents, cells["cents"], refusals)
    eligible = (
        True if gifts.eligible is None else _eligible(where, gifts.eligible, cells["eligible"], refusals)
    )
    return Gift(str(person), str(project), cents, eligible) if len(refusals) == before else None


def _cents(where: Where, column: str, written: object, refusals: list[Refusal]) -> int:
    if isinstance(written, int) and 0 < written <= LARGEST_GIFT:
        return written
    text = "" if written is None else str(written)
    if isinstance(written, str) and _WHOLE_CENTS.fullmatch(text):
        return int(text)
    refusals.append(_why_not_cents(where, column, text))
    return 0


def _why_not_cents(where: Where, column: str, text: str) -> Refusal:
    number = text.strip().replace("\u00a0", "").replace("\u202f", "")
    if not number:
        return Refusal(
            "{where}, column {column}: empty; write the gift in whole cents.",
            where=where.in_words(),
            column=column,
        )
    if found := _TWO_DECIMALS.fullmatch(number):
        return Refusal(
            "{where}, column {column}: {text} is not a whole number of cents; for {text} € write {cents}.",
            where=where.in_words(),
            column=column,
            text=text,
            cents=int(found[1]) * 100 + int(found[2].ljust(2, "0")),
        )
    if re.fullmatch(r"-[0-9]+(?:[.,][0-9]+)?", number):
        return Refusal(
            "{where}, column {column}: {text} is negative; take refunded gifts out of the file.",
            where=where.in_words(),
            column=column,
            text=text,
        )
    if re.fullmatch("0+", number):
        return Refusal(
            "{where}, column {column}: a gift of 0 cents is none; take it out of the file.",
            where=where.in_words(),
            column=column,
        )
    if re.fullmatch("[0-9]{13,}", number):
        return Refusal(
            "{where}, column {column}: {text} cents is more than any gift; the largest is {largest}.",
            where=where.in_words(),
            column=column,
            text=text if len(text) <= 30 else text[:30] + "…",  # noqa: PLR2004 what fits in a sentence
            largest=LARGEST_GIFT,
        )
    return Refusal(
        "{where}, column {column}: {text!r} is not a whole number of cents; write digits only, such as 1250 for 12.50 €.",
        where=where.in_words(),
        column=column,
        text=text,
    )


def _eligible(where: Where, column: str, written: object, refusals: list[Refusal]) -> bool:
    if isinstance(written, bool):
        return written
    found = _ELIGIBLE.get(str(written).lower())
    if found is None:
        refusals.append(
            Refusal(
                "{where}, column {column}: {text!r} is neither yes nor no; write 1 or 0.",
                where=where.in_words(),
                column=column,
                text="" if written is None else written,
            )
        )
    return bool(found)


def _csv_rows(gifts: GiftFile, refusals: list[Refusal]) -> Iterator[Row]:
    rows = csv.reader(decoded_lines(gifts.path, gifts.encoding), delimiter=gifts.delimiter, strict=True)
    header = next(rows)
    roles = {
        "person": gifts.person,
        "project": gifts.project,
        "cents": gifts.cents,
        "eligible": gifts.eligible,
    }
    places = {role: header.index(column) for role, column in roles.items() if column is not None}
    line = rows.line_num + 1
    try:
        for row in rows:
            if len(row) == len(header):
                yield (
                    Where(gifts.format, gifts.path, line),
                    {role: row[place] for role, place in places.items()},
                )
            elif row:
                refusals.append(_wrong_width(gifts, line, len(row), len(header), rows.line_num))
            line = rows.line_num + 1
    except csv.Error as error:
        raise _broken_quotes(gifts, line, str(error)) from None


def _wrong_width(gifts: GiftFile, line: int, found: int, wanted: int, last_line: int) -> Refusal:
    end = next(islice(decoded_lines(gifts.path, gifts.encoding), last_line - 1, None))
    if found < wanted and not end.endswith("\n"):
        return Refusal(
            "{file}, line {line}: the file ends in the middle of a line, with {found} of {wanted} fields; fetch it again.",
            file=gifts.path,
            line=line,
            found=found,
            wanted=wanted,
        )
    return Refusal(
        "{file}, line {line}: {found} fields where the first line has {wanted}; put text that contains the delimiter between quotes.",
        file=gifts.path,
        line=line,
        found=found,
        wanted=wanted,
    )


def _broken_quotes(gifts: GiftFile, line: int, error: str) -> Refusal:
    if "unexpected end" in error or "field larger" in error:
        return Refusal(
            "{file}, line {line}: a quote opens here and never closes; close it, or fetch the file again if it is cut.",
            file=gifts.path,
            line=line,
        )
    if "new-line character" in error:
        return Refusal(
            "{file}, line {line}: a carriage return stands inside the line; save the file with ordinary line ends.",
            file=gifts.path,
            line=line,
        )
    return Refusal(
        "{file}, line {line}: text follows a closing quote; double each quote that is part of the text.",
        file=gifts.path,
        line=line,
    )


def _parquet_rows(gifts: GiftFile) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import parquet

    roles = {
        "person": gifts.person,
        "project": gifts.project,
        "cents": gifts.cents,
        "eligible": gifts.eligible,
    }
    columns = {role: column for role, column in roles.items() if column is not None}
    for part in parquet_parts(gifts.path):
        number = 0
        try:
            for batch in parquet.ParquetFile(part).iter_batches(columns=list(columns.values())):
                for cells in zip(
                    *(batch.column(column).to_pylist() for column in columns.values()), strict=True
                ):
                    number += 1
                    yield Where(gifts.format, part, number), dict(zip(columns, cells, strict=True))
        except (pa.ArrowException, OSError):
            raise Refusal(
                "{file} cannot be read after row {row}: it is cut or damaged; fetch it again.",
                file=part,
                row=number,
            ) from None
