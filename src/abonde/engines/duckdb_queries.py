"""The SQL of the DuckDB engine. Whole numbers only, and what cannot be counted is an error."""

# ruff: noqa: S608 column names and paths are quoted by name_of and _text; everything else is ours

from __future__ import annotations

from abonde.engines.engine import FileFormat, GiftFile
from abonde.engines.files.gift_file import csv_header, parquet_parts
from abonde.engines.files.reading import NO, WHOLE_CENTS, YES
from abonde.matching import Counting


def histogram_query(gifts: GiftFile, counting: Counting) -> str:
    """n[p, x] and the money received, a row per project and distinct sum; x may be 0, and may come several times.

    The rules are applied to the distinct sums, far fewer than the people.
    """
    received = "sum(received)" if gifts.eligible is not None else "given::hugeint * count(*)"
    return f"""
        with merged as ({merged(gifts)})
        select project, {counted(counting)} x, count(*) persons, ({received})::bigint received
        from merged group by project, given"""


def merged(gifts: GiftFile) -> str:
    """c[i,p] as `given`, NULL where nothing is eligible; a sum beyond 64 bits is an error, never wrapped.

    Where there is a column `eligible`, `received` is the sum of all gifts.
    """
    received = (
        "sum(cents)::bigint received, (sum(cents) filter (eligible))::bigint"
        if gifts.eligible is not None
        else "sum(cents)::bigint"
    )
    return f"select person, project, {received} given from {_source(gifts)} group by person, project"


def counted(counting: Counting) -> str:
    """x = count(given) as SQL."""
    capped = "given" if counting.count_up_to is None else f"least(given, {counting.count_up_to})"
    if counting.steps is not None:
        steps = " ".join(f"when {capped} >= {step} then {step}" for step in reversed(counting.steps))
        capped = f"case {steps} else 0 end"
    return f"(case when coalesce(given, 0) < {counting.count_from or 1} then 0 else {capped} end)::bigint"


def _source(gifts: GiftFile) -> str:
    if gifts.format is FileFormat.PARQUET:
        eligible = "true" if gifts.eligible is None else name_of(gifts.eligible)
        return (
            f"(select {name_of(gifts.person)} person, {name_of(gifts.project)} project, {name_of(gifts.cents)}::bigint cents, "
            f"{eligible} eligible from {parquet_source(gifts)})"
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


def parquet_source(gifts: GiftFile) -> str:
    """All parts of a Parquet dataset as SQL."""
    return f"read_parquet([{', '.join(_text(str(part)) for part in parquet_parts(gifts.path))}])"


def name_of(column: str) -> str:
    """A column name as SQL."""
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
