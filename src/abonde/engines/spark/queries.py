"""Merging and counting in the words of Spark SQL: integers only, and every sum that does not fit stops the work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 - the name under which everyone knows them

from abonde.engines.engine import GiftFile
from abonde.engines.files.gift_file import parquet_parts
from abonde.matching import LARGEST_GIFT, Counting

BYTES_PER_PARTITION: Final = 32 << 20
"""How much Parquet one task of a shuffle handles; a few times as much once unpacked."""

_GLOB = re.compile(r"([\\*?\[\]{}])")


def merged_gifts(session: SparkSession, gifts: GiftFile, counting: Counting) -> DataFrame:
    """One row per person and project.

    `x` is the counted amount, `received` all their money (both in cents), and `unusable` the number of rows that
    no gift can be read from, whose money is left out.
    """
    parts = parquet_parts(gifts.path)
    size = sum(part.stat().st_size for part in parts)
    partitions = max(2 * session.sparkContext.defaultParallelism, size // BYTES_PER_PARTITION)
    session.conf.set("spark.sql.shuffle.partitions", partitions)
    person, project, cents = _column(gifts.person), _column(gifts.project), _column(gifts.cents)
    eligible = F.lit(True) if gifts.eligible is None else _column(gifts.eligible)  # noqa: FBT003
    usable = F.coalesce(
        cents.between(1, LARGEST_GIFT)
        & (person.cast("string") != "")
        & (project.cast("string") != "")
        & eligible.isNotNull(),
        F.lit(False),  # noqa: FBT003
    )
    rows = session.read.parquet(*map(_address, parts)).select(
        person.alias("person"),
        project.alias("project"),
        F.when(usable, cents.cast("bigint")).otherwise(0).alias("cents"),
        eligible.alias("eligible"),
        F.when(usable, 0).otherwise(1).alias("unusable"),
    )
    sums = rows.groupBy("person", "project").agg(
        F.sum(F.when(F.col("eligible"), F.col("cents")).otherwise(0)).alias("given"),
        F.sum("cents").alias("received"),
        F.sum("unusable").alias("unusable"),
    )
    return sums.select(
        "person",
        F.col("project").cast("string").alias("project"),
        counted(F.col("given"), counting).alias("x"),
        "received",
        "unusable",
    )


def counted(given: Column, counting: Counting) -> Column:
    """`Counting.count` as an expression: x of the sum `given`, in cents."""
    top = given if counting.count_up_to is None else F.least(given, F.lit(counting.count_up_to))
    if counting.steps is not None:
        reached = [F.when(top >= step, F.lit(step)) for step in reversed(counting.steps)]
        top = F.coalesce(*reached, F.lit(0))
    return F.when(given >= (counting.count_from or 1), top).otherwise(0).cast("bigint")


def histogram(merged: DataFrame, *, with_voices: bool) -> pa.Table:
    """How many `persons` there are by `project`, `x` and `d`, with what they gave.

    `d` is the number of projects that such a person supports, or 0 where `with_voices` does not ask for it.
    """
    supported = F.lit(0)
    if with_voices:
        supported = F.sum(F.when(F.col("x") > 0, 1).otherwise(0)).over(Window.partitionBy("person"))
    return (
        merged.withColumn("d", supported)
        .groupBy("project", "x", "d")
        .agg(
            F.count("*").alias("persons"),
            F.sum("received").alias("received"),
            F.sum("unusable").alias("unusable"),
        )
        .toArrow()
    )


def ballots(session: SparkSession, merged: DataFrame, projects: list[str]) -> pa.Table:
    """One row per person of whom anything counts: `person` and `ballot`, a list of (project, x).

    A project is its place in `projects`; within a ballot projects rise.
    """
    places = session.createDataFrame(
        pa.table({"project": projects, "place": pa.array(range(len(projects)), pa.int32())})
    )
    return (
        merged.where("x > 0")
        .join(F.broadcast(places), "project")
        .groupBy(F.col("person").cast("string").alias("person"))
        .agg(F.sort_array(F.collect_list(F.struct("place", "x"))).alias("ballot"))
        .toArrow()
    )


def _column(name: str) -> Column:
    return F.col("`" + name.replace("`", "``") + "`")


def _address(part: Path) -> str:
    # Spark takes an address for a pattern of addresses: what is special in one stands for itself here.
    return "file://" + _GLOB.sub(r"\\\1", str(part.absolute()))
