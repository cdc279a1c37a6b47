"""Finding out what a file of gifts is, from its first line or its schema, before anything is read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from abonde.engines.engine import FileFormat, GiftFile
from abonde.matching import Refusal, Refusals

if TYPE_CHECKING:
    import pyarrow as pa

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "person": (
        "person",
        "personne",
        "contributor",
        "contributeur",
        "contributrice",
        "donor",
        "donateur",
        "donatrice",
    ),
    "project": ("project", "projet"),
    "cents": ("cents", "centimes", "amount_cents", "montant_centimes"),
    "eligible": ("eligible", "éligible", "certified", "certifié", "certifie"),
}
"""What each column may be called, in capitals or not; the first name is the one to advise."""

DELIMITERS: Final = ",;\t"
PARQUET_MAGIC: Final = b"PAR1"
_OTHER_FORMATS: Final = {b"PK\x03\x04": "a spreadsheet or a zip archive", b"\x1f\x8b": "compressed with gzip"}


def inspect(  # noqa: PLR0913 one option per column, as people meet them
    path: Path,
    *,
    person: str | None = None,
    project: str | None = None,
    cents: str | None = None,
    eligible: str | None = None,
    encoding: str | None = None,
) -> GiftFile:
    """Recognise CSV or Parquet, the delimiter, the encoding and the columns of a file or folder of gifts.

    `person` to `eligible` name columns that are called otherwise than NAMES; `encoding` is for CSV that is not UTF-8,
    such as "windows-1252". Raises Refusal or Refusals with a sentence for what cannot be used.
    """
    wanted = {"person": person, "project": project, "cents": cents, "eligible": eligible}
    if not path.exists():
        raise Refusal("There is no file {file}; check its name.", file=path)
    if is_parquet(path):
        return _inspect_parquet(path, wanted)
    found = encoding or _encoding(path)
    header, delimiter = _header(path, found)
    columns = _columns(path, header, wanted)
    return GiftFile(path=path, format=FileFormat.CSV, delimiter=delimiter, encoding=found, **columns)  # type: ignore[arg-type]


def is_parquet(path: Path) -> bool:
    """Whether the file, or folder, is Parquet by its name or its first bytes."""
    return path.is_dir() or path.suffix == ".parquet" or _start(path).startswith(PARQUET_MAGIC)


def parquet_parts(path: Path) -> list[Path]:
    """The Parquet files of a dataset, in the order of their names; hidden and `_…` files are not data."""
    if path.is_file():
        return [path]
    return sorted(
        part
        for part in path.rglob("*.parquet")
        if not any(name.startswith((".", "_")) for name in part.relative_to(path).parts)
    )


def csv_header(gifts: GiftFile) -> list[str]:
    """All column names of a CSV file, in their order."""
    return next(csv.reader(decoded_lines(gifts.path, gifts.encoding), delimiter=gifts.delimiter, strict=True))


def decoded_lines(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a text file with their line ends. Raises Refusal at the first byte that is not `encoding`."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 and encoding == "utf-8" else encoding)
            except UnicodeDecodeError as error:
                raise Refusal(
                    "{file}, line {line}: byte 0x{byte} at position {position} is not {encoding}; save the file as UTF-8, "
                    "or say how it is encoded (files from older spreadsheets are often windows-1252).",
                    file=path,
                    line=number,
                    byte=f"{line[error.start]:02X}",
                    position=error.start + 1,
                    encoding=encoding.upper(),
                ) from None


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _encoding(path: Path) -> str:
    start = _start(path)
    for magic, what in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise Refusal("{file} is {what}; export or unpack it as CSV first.", file=path, what=what)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal("{file} is UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8).", file=path)
    return "utf-8"


def _header(path: Path, encoding: str) -> tuple[list[str], str]:
    """The column names and the delimiter that cuts the first line into most of them."""
    headers = {}
    for delimiter in DELIMITERS:
        try:
            rows = csv.reader(decoded_lines(path, encoding), delimiter=delimiter, strict=True)
            headers[delimiter] = next(rows, [])
        except LookupError:
            raise Refusal(
                "{file}: no encoding is called {encoding!r}; write utf-8 or windows-1252.",
                file=path,
                encoding=encoding,
            ) from None
        except csv.Error:
            continue
    if not any(headers.values()):
        raise Refusal(
            "{file} has no first line with the names of its columns; write person,project,cents there, then one gift per line.",
            file=path,
        )
    best = max(headers, key=lambda delimiter: len(headers[delimiter]))
    return headers[best], best


def _columns(path: Path, header: Sequence[str], wanted: Mapping[str, str | None]) -> dict[str, str | None]:
    """Which column holds what. Raises Refusals for every column that is missing or there more than once."""
    refusals: list[Refusal] = []
    columns: dict[str, str | None] = {}
    for role, name in wanted.items():
        names = NAMES[role] if name is None else (name.casefold(),)
        found = [column for column in header if column.strip().casefold() in names]
        columns[role] = found[0] if found else None
        if len(found) > 1:
            refusals.append(
                Refusal(
                    "{file}: columns {columns} are all the {role}; keep one, or say which one to read.",
                    file=path,
                    columns=", ".join(found),
                    role=role,
                )
            )
        elif not found and (name is not None or role != "eligible"):
            refusals.append(
                Refusal(
                    "{file}: no column {wanted} among {columns}; name one so, or say which column holds the {role}.",
                    file=path,
                    wanted=name or role,
                    columns=", ".join(header),
                    role=role,
                )
            )
    if refusals:
        raise Refusals(refusals)
    return columns


def _inspect_parquet(path: Path, wanted: Mapping[str, str | None]) -> GiftFile:
    parts = parquet_parts(path)
    if not parts:
        raise Refusal("The folder {file} holds no .parquet file; check its name.", file=path)
    first = parquet_schema(parts[0])
    columns = _columns(parts[0], first.names, wanted)
    refusals: list[Refusal] = []
    for part in parts:
        schema = parquet_schema(part)
        refusals.extend(
            refusal
            for role, column in columns.items()
            if column and (refusal := _wrong_type(part, schema, role, column))
        )
        if any(
            column and column in schema.names and schema.field(column).type != first.field(column).type
            for column in columns.values()
        ):
            refusals.append(
                Refusal(
                    "{file}: its columns have other types than those of {first}; write all parts alike.",
                    file=part,
                    first=parts[0],
                )
            )
    if refusals:
        raise Refusals(refusals[:20])
    return GiftFile(path=path, format=FileFormat.PARQUET, **columns)  # type: ignore[arg-type]


def parquet_schema(part: Path) -> pa.Schema:
    """The columns of one Parquet file. Raises Refusal for a file that is cut or something else."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_schema(part)
    except (pa.ArrowException, OSError):
        raise Refusal(
            "{file} is not a whole Parquet file: it is cut or something else; fetch it again.", file=part
        ) from None


def _wrong_type(part: Path, schema: pa.Schema, role: str, column: str) -> Refusal | None:
    from pyarrow import types

    if schema.names.count(column) != 1:
        return Refusal(
            "{file}: column {column} is not there exactly once, as in the other parts.",
            file=part,
            column=column,
        )
    kind = schema.field(column).type
    value = kind.value_type if types.is_dictionary(kind) else kind
    text = types.is_string(value) or types.is_large_string(value) or types.is_string_view(value)
    match role:
        case "cents" if not types.is_integer(kind):
            return Refusal(
                "{file}: column {column} has type {type}; write whole cents as int64.",
                file=part,
                column=column,
                type=kind,
            )
        case "eligible" if not types.is_boolean(kind):
            return Refusal(
                "{file}: column {column} has type {type}; write true or false as bool.",
                file=part,
                column=column,
                type=kind,
            )
        case "person" | "project" if not (text or types.is_integer(value)):
            return Refusal(
                "{file}: column {column} has type {type}; write a text or a whole number.",
                file=part,
                column=column,
                type=kind,
            )
    return None
