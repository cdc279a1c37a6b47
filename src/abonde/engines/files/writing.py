"""Writing gifts by the million, in Parquet or CSV, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv, parquet

Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Some rows: person and project as numbers from 0, amounts in cents."""


class Identifiers(StrEnum):
    """How people and projects are named in a file."""

    TEXT = "text"
    NUMBERS = "numbers"


def write_gifts(
    chunks: Iterable[Columns], path: Path, *, identifiers: Identifiers = Identifiers.TEXT
) -> None:
    """Write columns person, project, cents: Parquet where the name of the file ends so, else CSV."""
    named = identifiers is Identifiers.TEXT
    schema = pa.schema(
        [
            pa.field("person", pa.string() if named else pa.int64()),
            pa.field("project", pa.string() if named else pa.int32()),
            pa.field("cents", pa.int64()),
        ]
    )
    writer: csv.CSVWriter | parquet.ParquetWriter
    if path.suffix == ".parquet":
        writer = parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1)
    else:
        writer = csv.CSVWriter(path, schema, write_options=csv.WriteOptions(quoting_style="none"))
    with writer:
        for person, project, cents in chunks:
            columns = (
                [_texts("person-", person, 9), _texts("project-", project, 6)]
                if named
                else [pa.array(person), pa.array(project.astype(np.int32))]
            )
            writer.write_table(pa.Table.from_arrays([*columns, pa.array(cents)], schema=schema))


def project_key(number: int) -> str:
    """The key of a project in a file with text identifiers."""
    return f"project-{number:06}"


def _texts(prefix: str, codes: NDArray[np.int64], width: int) -> pa.StringArray:
    digits = pc.utf8_lpad(pc.cast(pa.array(codes), pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "")  # type: ignore[call-overload, no-any-return]
