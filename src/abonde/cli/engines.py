"""The engine that a person asks for, or the one that fits the file."""

from __future__ import annotations

import click

from abonde.engines.engine import Engine, GiftFile
from abonde.matching import Refusal


def engine_named(gifts: GiftFile, *, engine: str, master: str | None, threads: int | None) -> Engine:
    """The engine by its name. Engines are imported here, when they are known to be needed: they compile, or start Java."""
    if (engine == "spark") != (master is not None):
        raise Refusal("--engine spark and --master go together: name the cluster, such as --master local[*].")
    match engine:
        case "memory":
            from abonde.engines.memory import MemoryEngine

            return MemoryEngine(threads=threads or 1)
        case "duckdb":
            from abonde.engines.duckdb_engine import DuckDBEngine

            return DuckDBEngine(threads=threads)
        case "radix":
            from abonde.engines.radix.engine import RadixEngine

            return RadixEngine(threads=threads)
        case "spark":
            from abonde.engines.spark.engine import SparkEngine

            spark = SparkEngine(master or "")
            # However the command ends, the cluster gets its executors back.
            click.get_current_context().call_on_close(spark.stop)
            return spark
        case _:
            from abonde.engines.choosing import engine_for

            return engine_for(gifts, threads=threads)
