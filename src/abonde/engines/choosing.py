"""Which engine suits a file: every one finds the same integers, so that only time and memory are at stake."""

from __future__ import annotations

from typing import Final

from abonde.engines.engine import Engine, FileFormat, GiftFile

SMALL_CSV: Final = 8_000_000
"""In bytes. Plain Python reads so much in less than a second."""


def engine_for(gifts: GiftFile, *, threads: int | None = None) -> Engine:
    """The memory engine for small CSV, DuckDB for large CSV, radix for Parquet. Imports only the one chosen."""
    if gifts.format is FileFormat.PARQUET:
        from abonde.engines.radix.engine import RadixEngine

        return RadixEngine(threads=threads)
    if gifts.path.stat().st_size < SMALL_CSV:
        from abonde.engines.memory import MemoryEngine

        return MemoryEngine(threads=threads or 1)
    from abonde.engines.duckdb_engine import DuckDBEngine

    return DuckDBEngine(threads=threads)
