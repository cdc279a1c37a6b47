"""The columns of a Parquet dataset as codes of few bits, for the radix engine to pack three of them into 64 bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, parquet

from abonde.engines.radix.texts import number_texts

Values = NDArray[Any]

READ_ROWS: Final = 1 << 17


class Unfit(Exception):
    """Some row cannot be used; which one is for the strict reader to say."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A part of a file that is read at once; `first` is the number of rows in all row groups before it."""

    part: Path
    metadata: parquet.FileMetaData
    number: int
    first: int
    rows: int


@dataclass(frozen=True, slots=True)
class Ranged:
    """Whole numbers as they stand in the file, from `least` to `high`: the code of a value is its distance from `low`."""

    name: str
    low: int
    least: int
    high: int

    @property
    def bits(self) -> int:
        return max((self.high - self.low).bit_length(), 1)

    def labels(self, codes: Sequence[int]) -> list[str]:
        return [str(self.low + code) for code in codes]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Values replaced by codes below `size`; `codes` holds the whole column, `values` by code what it stands for.

    `values` is empty where nobody will ask.
    """

    codes: NDArray[np.int32]
    size: int
    values: pa.Array[Any]
    low: int = 0

    @property
    def bits(self) -> int:
        return max((self.size - 1).bit_length(), 1)

    def labels(self, codes: Sequence[int]) -> list[str]:
        return [str(value) for value in self.values.take(pa.array(codes, pa.int64())).to_pylist()]


Column = Ranged | Encoded


def row_groups(parts: Sequence[Path]) -> list[RowGroup]:
    """All row groups of a dataset, in the order of its parts."""
    groups: list[RowGroup] = []
    first = 0
    for part in parts:
        metadata = parquet.read_metadata(part)
        for number in range(metadata.num_row_groups):
            rows = metadata.row_group(number).num_rows
            groups.append(RowGroup(part, metadata, number, first, rows))
            first += rows
    return groups


def ranged(groups: Sequence[RowGroup], name: str, *, low: int | None = None) -> Ranged:
    """The range of a column of whole numbers, from the statistics of the file where it has them.

    Codes count from `low`, or else from the smallest value. What statistics promise is checked against every value
    when it is packed. Raises Unfit for NULLs.
    """
    ends = [end for group in groups if group.rows for end in _ends(group, name)] or [1]
    return Ranged(name, min(ends) if low is None else low, min(ends), max(ends))


def encoded(
    parts: Sequence[Path], name: str, *, threads: int, few: bool = False, labelled: bool = True
) -> Encoded:
    """The column as codes of its distinct values, which may be `few`; without values if it is not `labelled`.

    Raises Unfit for NULLs and empty texts.
    """
    text = not pa.types.is_integer(parquet.read_schema(parts[0]).field(name).type)
    # Few texts are read as the dictionaries that the file holds, many as they are.
    dictionaries = [name] if text and few else []
    several = threads > 1
    column: Any = parquet.read_table(
        list(parts), columns=[name], use_threads=several, read_dictionary=dictionaries, partitioning=None
    ).column(0)
    if column.null_count:
        raise Unfit
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    if not text or pa.types.is_dictionary(column.type):
        return _from_dictionary(column)
    if compute.any(compute.equal(compute.binary_length(column), pa.scalar(0))).as_py():
        raise Unfit
    codes, firsts = number_texts(column, threads)
    return Encoded(
        codes, len(firsts), column.take(pa.array(firsts if labelled else firsts[:0])).combine_chunks()
    )


def _from_dictionary(column: Any) -> Encoded:  # noqa: ANN401
    """Codes and values as Arrow finds them."""
    column = (
        column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    )
    codes = np.empty(len(column), np.int32)
    first = 0
    for chunk in column.chunks:
        codes[first : first + len(chunk)] = chunk.indices.to_numpy()
        first += len(chunk)
    values = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
    if (
        not pa.types.is_integer(values.type)
        and compute.any(compute.equal(values, pa.scalar("", values.type))).as_py()
    ):
        raise Unfit
    return Encoded(codes, len(values), values)


def read(
    group: RowGroup, columns: Sequence[Column], eligible: str | None
) -> Iterator[tuple[list[Values], NDArray[np.bool_]]]:
    """The values of the columns in pieces of a row group, with what is eligible (empty: everything).

    Raises Unfit for NULLs.
    """
    names = [column.name for column in columns if isinstance(column, Ranged)] + (
        [eligible] if eligible else []
    )
    first = group.first
    with parquet.ParquetFile(group.part, metadata=group.metadata) as file:
        for piece in file.iter_batches(
            READ_ROWS, row_groups=[group.number], columns=names, use_threads=False
        ):
            if any(values.null_count for values in piece.columns):
                raise Unfit
            here = slice(first, first + piece.num_rows)
            values = [
                column.codes[here] if isinstance(column, Encoded) else piece.column(column.name).to_numpy()
                for column in columns
            ]
            chosen: NDArray[np.bool_] = np.empty(0, np.bool_)
            if eligible:
                chosen = piece.column(eligible).to_numpy(zero_copy_only=False)
            yield values, chosen
            first += piece.num_rows


def _ends(group: RowGroup, name: str) -> tuple[int, int]:
    schema = group.metadata.schema
    place = next(k for k in range(group.metadata.num_columns) if schema.column(k).path == name)
    statistics: Any = group.metadata.row_group(group.number).column(place).statistics
    if statistics is not None and statistics.has_min_max:
        return statistics.min, statistics.max
    with parquet.ParquetFile(group.part, metadata=group.metadata) as file:
        ends: Any = compute.min_max(file.read_row_group(group.number, columns=[name]).column(0))
    if not ends["min"].is_valid:
        raise Unfit
    return ends["min"].as_py(), ends["max"].as_py()
