"""How a certifier's file is written: format, encoding, delimiter, and which column holds what; guessed, then editable."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import islice
from statistics import mode
from typing import IO, Any, Final

from abonde.matching.refusal import Refusal
from abonde.register.identity import plain_name


class Format(StrEnum):
    """Kinds of files."""

    CSV = "csv"
    XLSX = "xlsx"


class Part(StrEnum):
    """What a column may hold."""

    BIRTH_NAME = "birth_name"
    GIVEN_NAMES = "given_names"
    BIRTHDATE = "birthdate"
    BIRTHPLACE = "birthplace"
    GROUP = "group"


NEEDED: Final = (Part.BIRTH_NAME, Part.GIVEN_NAMES, Part.BIRTHDATE)
ENCODINGS: Final = ("utf-8-sig", "cp1252", "iso8859-15", "utf-16", "mac-roman")
DELIMITERS: Final = (";", ",", "\t", "|")
LOOKED_AT: Final = 64 * 1024
"""Characters at the beginning of a file by which its delimiter is guessed."""

TITLES: Final[Mapping[Part, Sequence[str]]] = {
    Part.BIRTH_NAME: (
        "nomdenaissance",
        "nomnaissance",
        "nomdefamille",
        "birthname",
        "nom",
        "familyname",
        "lastname",
    ),
    Part.GIVEN_NAMES: ("prenoms", "prenom", "givennames", "givenname", "firstname", "prenomsdenaissance"),
    Part.BIRTHDATE: ("datedenaissance", "datenaissance", "neele", "birthdate", "dateofbirth", "ddn"),
    Part.BIRTHPLACE: (
        "codecommunedenaissance",
        "codecommunenaissance",
        "codeinseenaissance",
        "codeinseedenaissance",
        "communedenaissancecode",
        "codelieudenaissance",
        "codelieunaissance",
        "birthplace",
    ),
    Part.GROUP: (
        "bureaudevote",
        "codedubureaudevote",
        "codebureaudevote",
        "numerobureaudevote",
        "bureau",
        "quartier",
        "codeinsee",
        "codecommune",
        "group",
        "groupe",
    ),
}
"""Titles of columns in plain letters, the surest first."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read. Columns count from 0."""

    format: Format
    encoding: str = "utf-8-sig"
    delimiter: str = ";"
    has_titles: bool = True
    columns: Mapping[Part, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether it is said where names and birth date stand."""
        return all(part in self.columns for part in NEEDED)

    def require_way_of(self, file: Layout) -> None:
        """Raises Refusal where this is no way to read the file, whose layout was guessed when it was brought."""
        is_known = self.encoding in ENCODINGS and self.delimiter in DELIMITERS
        if self.format != file.format or (self.format == Format.CSV and not is_known):
            raise Refusal("Choose one of the encodings and delimiters of the list.")

    def to_json(self) -> dict[str, Any]:
        """As the column `layout` of an import holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Layout:
        """What `to_json` wrote."""
        return cls(
            format=Format(written["format"]),
            encoding=written["encoding"],
            delimiter=written["delimiter"],
            has_titles=written["has_titles"],
            columns={Part(part): column for part, column in written["columns"].items()},
        )


def guess_columns(titles: Sequence[str]) -> dict[Part, int]:
    """Which column holds what, by the titles of the first row; a column is used once."""
    plain = [plain_name(title) for title in titles]
    found: dict[Part, int] = {}
    for part, names in TITLES.items():
        places = (plain.index(name) for name in names if name in plain)
        column = next((place for place in places if place not in found.values()), None)
        if column is not None:
            found[part] = column
    return found


def guess_encoding(file: IO[bytes]) -> str:
    """The encoding by which the whole file can be read, the likeliest first."""
    beginning = file.read(len(codecs.BOM_UTF16_LE))
    if beginning in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return "utf-16"
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "cp1252")}
    piece = beginning
    while decoders:
        for name in list(decoders):
            try:
                decoders[name].decode(piece, final=not piece)
            except UnicodeDecodeError:
                del decoders[name]
        if not piece:
            break
        piece = file.read(LOOKED_AT)
    return next(iter(decoders), "iso8859-15")


def guess_delimiter(beginning: str) -> str:
    """The delimiter by which most rows have the same number of columns, more than one."""
    return max(DELIMITERS, key=lambda delimiter: _regular(_some_rows(beginning, delimiter)))


def _some_rows(beginning: str, delimiter: str) -> Iterable[list[str]]:
    try:
        return list(islice(csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter), 50))
    except csv.Error:
        return []


def _regular(rows: Iterable[list[str]]) -> tuple[float, int]:
    widths = [len(row) for row in rows if row]
    usual = mode(widths) if widths else 0
    return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)
