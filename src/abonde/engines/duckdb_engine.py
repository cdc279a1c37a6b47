"""The DuckDB engine: CSV and Parquet, larger than memory, merged and counted in SQL with whole numbers only."""

# ruff: noqa: S608 column names and paths are quoted by _name and _text; everything else is ours

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from abonde.engines.engine import FileFormat, GiftFile, Progress
from abonde.engines.gift_file import csv_header, parquet_parts, parquet_schema
from abonde.engines.linking import LINKED, linked_tallies, support_matrix
from abonde.engines.reading import NO, WHOLE_CENTS, YES, read_gifts
from abonde.engines.summing import Histogram, tallies
from abonde.matching import LARGEST_GIFT, Counting, Groups, ProjectTally, Refusal, Rules

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
                try:
                    if gifts.encoding in ("utf-8", "utf-8-sig"):
                        return self._tally(connection, gifts, rules, groups, progress)
                except duckdb.OutOfMemoryException as error:
                    raise _out_of_memory(gifts, error) from None
                except (_Unfit, duckdb.Error):
                    pass  # the strict reader says what is wrong, or rewrites what only DuckDB cannot read
                rewritten = _rewrite(gifts, Path(spill) / "gifts.parquet")
                try:
                    return self._tally(connection, rewritten, rules, groups, progress)
                except duckdb.Error as error:
                    raise Refusal(
                        "{file} is beyond DuckDB: {error}", file=gifts.path, error=str(error).splitlines()[0]
                    ) from None

    def _tally(
        self,
        connection: duckdb.DuckDBPyConnection,
        gifts: GiftFile,
        rules: Rules,
        groups: Groups | None,
        progress: Progress | None,
    ) -> dict[str, ProjectTally]:
        if gifts.format is FileFormat.PARQUET:
            _check_parquet(connection, gifts)
        if rules.mechanism in LINKED:
            return self._linked(connection, gifts, rules, groups, progress)
        counted = connection.sql(
            _histogram(_source(gifts), rules.counting, eligible=gifts.eligible is not None)
        ).to_arrow_table()
        amounts = counted["amounts"].combine_chunks()
        return tallies(
            Histogram(
                projects=counted["project"].to_pylist(),
                received=[int(cents) for cents in counted["received"].to_pylist()],
                project=np.repeat(np.arange(len(amounts)), compute.list_value_length(amounts)),
                amount=amounts.flatten().to_numpy(zero_copy_only=False),
                persons=counted["persons"].combine_chunks().flatten().to_numpy(zero_copy_only=False),
            )
        )

    def _linked(
        self,
        connection: duckdb.DuckDBPyConnection,
        gifts: GiftFile,
        rules: Rules,
        groups: Groups | None,
        progress: Progress | None,
    ) -> dict[str, ProjectTally]:
        eligible = gifts.eligible is not None
        connection.execute(
            f"create or replace temp table merged as {_merged(_source(gifts), eligible=eligible)}"
        )
        money = "received" if eligible else "given"
        totals = connection.sql(
            f"select project::varchar, sum({money}) from merged group by project"
        ).fetchall()
        received = {project: int(cents) for project, cents in totals}
        pairs = connection.sql(
            f"select person, project::varchar project, x from (select *, {_counted(rules.counting)} x from merged) where x > 0"
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
            threads=self.threads or int(connection.sql("select current_setting('threads')").fetchall()[0][0]),
            progress=progress,
        )


def _histogram(source: str, counting: Counting, *, eligible: bool) -> str:
    """One row per project: n[p, x] as two lists, and the money received.

    The rules are applied to the distinct sums, far fewer than the people.
    """
    received = "sum(received)" if eligible else "given::hugeint * count(*)"
    return f"""
        with merged as ({_merged(source, eligible=eligible)}),
        sums as (select project, given, count(*) persons, {received} received from merged group by project, given),
        cells as (
            select project, {_counted(counting)} x, sum(persons)::bigint persons, sum(received) received
            from sums group by project, x
        )
        select
            project::varchar project, sum(received) received,
            coalesce(list(x) filter (x > 0), []) amounts, coalesce(list(persons) filter (x > 0), []) persons
        from cells group by project"""


def _merged(source: str, *, eligible: bool) -> str:
    """c[i,p] as `given`, NULL where nothing is eligible; a sum beyond 64 bits is an error, never wrapped."""
    received = (
        "sum(cents)::bigint received, (sum(cents) filter (eligible))::bigint"
        if eligible
        else "sum(cents)::bigint"
    )
    return f"select person, project, {received} given from {source} group by person, project"


def _counted(counting: Counting) -> str:
    """x = count(given) as SQL."""
    capped = "given" if counting.count_up_to is None else f"least(given, {counting.count_up_to})"
    if counting.steps is not None:
        steps = " ".join(f"when {capped} >= {step} then {step}" for step in reversed(counting.steps))
        capped = f"case {steps} else 0 end"
    return f"(case when coalesce(given, 0) < {counting.count_from or 1} then 0 else {capped} end)::bigint"


def _source(gifts: GiftFile) -> str:
    if gifts.format is FileFormat.PARQUET:
        eligible = "true" if gifts.eligible is None else _name(gifts.eligible)
        return (
            f"(select {_name(gifts.person)} person, {_name(gifts.project)} project, {_name(gifts.cents)}::bigint cents, "
            f"{eligible} eligible from {_read_parquet(gifts)})"
        )
    header = csv_header(gifts)
    person, project, cents = (f"c{header.index(name)}" for name in (gifts.person, gifts.project, gifts.cents))
    eligible = "true"
    if gifts.eligible is not None:
        written = f"lower(c{header.index(gifts.eligible)})"
        eligible = f"case when {written} in {YES} then true when {written} in {NO} then false else error('eligible') end"
    # An empty field is NULL to DuckDB.
    return f"""(select
        coalesce({person}, error('person')) person, coalesce({project}, error('project')) project,
        case when regexp_full_match({cents}, '{WHOLE_CENTS}') then {cents}::bigint else error('cents') end cents,
        {eligible} eligible
        from read_csv(
            {_text(str(gifts.path))}, columns = {{{", ".join(f"c{k}: 'VARCHAR'" for k in range(len(header)))}}},
            auto_detect = false, header = true, delim = {_text(gifts.delimiter)}, quote = '"', escape = '"',
            strict_mode = true, null_padding = false, ignore_errors = false
        ))"""


def _read_parquet(gifts: GiftFile) -> str:
    return f"read_parquet([{', '.join(_text(str(part)) for part in parquet_parts(gifts.path))}])"


def _check_parquet(connection: duckdb.DuckDBPyConnection, gifts: GiftFile) -> None:
    """Look for rows that cannot be used, mostly in the statistics of the file. Raises _Unfit when there are some."""
    schema = parquet_schema(parquet_parts(gifts.path)[0])
    filled = [gifts.person, gifts.project, gifts.cents, *filter(None, [gifts.eligible])]
    texts = [
        name for name in (gifts.person, gifts.project) if not pa.types.is_integer(schema.field(name).type)
    ]
    checks = [f"count({_name(name)}) = count(*)" for name in filled]
    checks += [f"coalesce(min({_name(name)}::varchar), '-') <> ''" for name in texts]
    checks.append(
        f"coalesce(min({_name(gifts.cents)}) >= 1 and max({_name(gifts.cents)}) <= {LARGEST_GIFT}, true)"
    )
    if not all(connection.sql(f"select {', '.join(checks)} from {_read_parquet(gifts)}").fetchall()[0]):
        raise _Unfit


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


def _out_of_memory(gifts: GiftFile, error: duckdb.Error) -> Refusal:
    return Refusal(
        "{file} needs more memory or more room for temporary files than DuckDB was given; raise memory_limit ({error}).",
        file=gifts.path,
        error=str(error).splitlines()[0],
    )


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
