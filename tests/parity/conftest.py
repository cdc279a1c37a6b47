from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from abonde.engines.duckdb_engine import DuckDBEngine
from abonde.engines.engine import Engine, FileFormat
from abonde.engines.memory import MemoryEngine
from abonde.engines.radix.engine import RadixEngine

BOTH = (FileFormat.CSV, FileFormat.PARQUET)


@dataclass(frozen=True)
class UnderTest:
    """An engine of the suite: how it starts with so many threads, and what it cannot do, with the reason."""

    start: Callable[[pytest.FixtureRequest, int], Engine]
    formats: tuple[FileFormat, ...] = BOTH
    cannot: Mapping[str, str] = field(default_factory=dict)


ENGINES: dict[str, UnderTest] = {
    "memory": UnderTest(lambda _, threads: MemoryEngine(threads=threads, kernel_from=500)),
    "duckdb": UnderTest(lambda _, threads: DuckDBEngine(threads=threads)),
    "radix": UnderTest(lambda _, threads: RadixEngine(threads=threads), formats=(FileFormat.PARQUET,)),
    # A standalone cluster of two workers; what one of them finds alone is in tests/peers.
    "spark": UnderTest(
        lambda request, _: request.getfixturevalue("spark_engine"), formats=(FileFormat.PARQUET,)
    ),
}
MARKS: dict[str, tuple[pytest.MarkDecorator, ...]] = {
    "spark": (pytest.mark.spark, pytest.mark.xdist_group("spark")),
}


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, ())) for name in ENGINES])
def under_test(request: pytest.FixtureRequest) -> UnderTest:
    return ENGINES[request.param]
