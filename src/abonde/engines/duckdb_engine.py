"""The DuckDB engine: CSV and Parquet, larger than memory, merged and counted in SQL with whole numbers only."""

# ruff: noqa: S608 what is put into the queries is quoted SQL

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from abonde.engines.duckdb_queries import counted, histogram_query, merged, name_of, parquet_source
from abonde.engines.engine import FileFormat, GiftFile, Progress
from abonde.engines.files.gift_file import parquet_parts, parquet_schema
from abonde.engines.files.reading import read_gifts
from abonde.engines.linking import LINKED, linked_tallies, support_matrix
from abonde.engines.summing import Histogram, sums, tallies
from abonde.matching import LARGEST_GIFT, Counting, Groups, ProjectTally, Refusal, Rules

TOLD_EVERY: Final = 0.2
"""Seconds between two looks at the progress of a query."""

_REWRITTEN_BATCH: Final = 1 << 16


class _Unfit(Exception):
    """Some row cannot be used; which one is for the strict reader to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDBEngine:
    """`threads` and `memory_limit` (such as "4GB") are DuckDB's own by default: all cores, most of the memory.

    What does not fit in memory is spilled below `temp_directory`, and removed.
    """

    threads: int | None = None
    memory_limit: str | None = None
    temp_directory: Path | None = None
    name = "duckdb"

    def tally(
        self, gifts: GiftFile, rules: Rules, *, groups: Groups | None = None, progress: Progress | None = None
    ) -> dict[str, ProjectTally]:
        with TemporaryDirectory(dir=self.temp_directory, prefix="abonde-") as spill:
            settings: dict[str, Any] = {
                "temp_directory": spill,
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
            }
            limits = {"threads": self.threads, "memory_limit": self.memory_limit}
            settings |= {name: limit for name, limit in limits.items() if limit is not None}
            with duckdb.connect(config=settings) as connection:
                if progress is not None:
                    connection.execute(
                        "set enable_progress_bar = true; set enable_progress_bar_print = false"
                    )
                try:
                    if gifts.encoding in ("utf-8", "utf-8-sig"):
                        return self._tally(connection, gifts, rules, groups, progress)
                except (_Unfit, duckdb.Error):
                    pass  # the strict reader says what is wrong, or rewrites what only DuckDB cannot read
                rewritten = _rewrite(gifts, Path(spill) / "gifts.parquet")
                return self._tally(connection, rewritten, rules, groups, progress)

    def _tally(
        self,
        connection: duckdb.DuckDBPyConnection,
        gifts: GiftFile,
        rules: Rules,
        groups: Groups | None,
        progress: Progress | None,
    ) -> dict[str, ProjectTally]:
        try:
            if gifts.format is FileFormat.PARQUET:
                _check_parquet(connection, gifts)
            elif _has_blank_before_quote(gifts):
                raise _Unfit
            if rules.mechanism in LINKED:
                return _linked(connection, gifts, rules, groups, progress)
            return tallies(_histogram(connection, gifts, rules.counting, progress))
        except duckdb.OutOfMemoryException as error:
            raise Refusal(
                "{file} needs more memory, or more room for temporary files, than DuckDB has; "
                "raise memory_limit ({error}).",
                file=gifts.path,
                error=str(error).splitlines()[0],
            ) from None
        except duckdb.ConversionException:
            raise Refusal(
                "{file} holds more money than 64 bits hold; check the amounts.", file=gifts.path
            ) from None


def _histogram(
    connection: duckdb.DuckDBPyConnection, gifts: GiftFile, counting: Counting, progress: Progress | None
) -> Histogram:
    """The cells of the histogram; the connection is closed, for nothing more is asked."""
    with ThreadPoolExecutor(1) as pool:
        found = _watched(pool, connection, histogram_query(gifts, counting), progress)
        pool.submit(connection.close)  # DuckDB gives its memory back while the rows are read here
        projects = found["project"].combine_chunks().dictionary_encode()
        project = projects.indices.to_numpy().astype(np.int64)
        amount, persons, received = (found[name].to_numpy() for name in ("x", "persons", "received"))
        counts = amount > 0
        return Histogram(
            projects=[str(value) for value in projects.dictionary.to_pylist()],
            received=sums(project, received, np.ones_like(received), len(projects.dictionary)),
            project=project[counts],
            amount=amount[counts],
            persons=persons[counts],
        )


def _watched(
    pool: ThreadPoolExecutor,
    connection: duckdb.DuckDBPyConnection,
    query: str,
    progress: Progress | None,
) -> Any:  # noqa: ANN401
    """The result of the query, while `progress` is told how far it is."""
    running = pool.submit(lambda: connection.sql(query).to_arrow_table())
    while wait([running], TOLD_EVERY).not_done:
        if progress is not None:
            progress(max(connection.query_progress(), 0) / 100)
    return running.result()


def _linked(
    connection: duckdb.DuckDBPyConnection,
    gifts: GiftFile,
    rules: Rules,
    groups: Groups | None,
    progress: Progress | None,
) -> dict[str, ProjectTally]:
    connection.execute(f"create or replace temp table merged as {merged(gifts)}")
    money = "given" if gifts.eligible is None else "received"
    totals = connection.sql(f"select project::varchar, sum({money}) from merged group by project").fetchall()
    received = {project: int(cents) for project, cents in totals}
    x = counted(rules.counting)
    pairs = connection.sql(
        f"select person, project::varchar project, {x} x from merged where {x} > 0"
    ).to_arrow_table()
    people = pairs["person"].combine_chunks().dictionary_encode()
    projects = list(received)
    matrix = support_matrix(
        projects,
        people.indices.to_numpy().astype(np.int64),
        compute.index_in(pairs["project"], pa.array(projects, pa.string())).to_numpy().astype(np.int64),
        pairs["x"].to_numpy(),
    )
    return linked_tallies(
        matrix,
        received,
        rules,
        persons=lambda: [str(person) for person in people.dictionary.to_pylist()],
        groups=groups,
        threads=int(connection.sql("select current_setting('threads')").fetchall()[0][0]),
        progress=progress,
    )


def _check_parquet(connection: duckdb.DuckDBPyConnection, gifts: GiftFile) -> None:
    """Look for rows that cannot be used, mostly in the statistics of the file. Raises _Unfit when there are some."""
    schema = parquet_schema(parquet_parts(gifts.path)[0])
    filled = [gifts.person, gifts.project, gifts.cents, *filter(None, [gifts.eligible])]
    texts = [
        name for name in (gifts.person, gifts.project) if not pa.types.is_integer(schema.field(name).type)
    ]
    checks = [f"count({name_of(name)}) = count(*)" for name in filled]
    checks += [f"coalesce(min({name_of(name)}::varchar), '-') <> ''" for name in texts]
    checks.append(
        f"coalesce(min({name_of(gifts.cents)}) >= 1 and max({name_of(gifts.cents)}) <= {LARGEST_GIFT}, true)"
    )
    if not all(connection.sql(f"select {', '.join(checks)} from {parquet_source(gifts)}").fetchall()[0]):
        raise _Unfit


def _has_blank_before_quote(gifts: GiftFile) -> bool:
    """Whether a field opens with blanks and a quote: DuckDB would drop the blanks without a word."""
    before = {ord(gifts.delimiter), *b"\r\n"}
    with gifts.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        place = text.find(b' "')
        while place >= 0:
            while place and text[place - 1] == ord(" "):
                place -= 1
            if place == 0 or text[place - 1] in before:
                return True
            place = text.find(b' "', text.find(b'"', place) + 1)
    return False


def _rewrite(gifts: GiftFile, target: Path) -> GiftFile:
    """The same gifts as a Parquet file of our own, through the strict reader. Raises Refusals for what it meets."""
    fields: list[pa.Field[Any]] = [
        pa.field("person", pa.string()),
        pa.field("project", pa.string()),
        pa.field("cents", pa.int64()),
        pa.field("eligible", pa.bool_()),
    ]
    rows = read_gifts(gifts)
    with parquet.ParquetWriter(target, pa.schema(fields)) as writer:
        while batch := list(islice(rows, _REWRITTEN_BATCH)):
            columns = zip(fields, zip(*batch, strict=True), strict=True)
            arrays = [pa.array(cells, field.type) for field, cells in columns]
            writer.write_batch(pa.record_batch(arrays, schema=pa.schema(fields)))
    return GiftFile(path=target, format=FileFormat.PARQUET, eligible="eligible")
