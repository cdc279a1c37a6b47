from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from abonde.engines.duckdb_engine import DuckDBEngine
from abonde.engines.engine import Engine, FileFormat, GiftFile, Progress
from abonde.engines.files.reading import read_gifts
from abonde.engines.memory import MemoryEngine
from abonde.engines.radix.engine import RadixEngine
from abonde.engines.rows import GiftRows, count_rows, tally_rows
from abonde.matching import Groups, ProjectTally, Rules

BOTH = (FileFormat.CSV, FileFormat.PARQUET)


@dataclass(frozen=True)
class UnderTest:
    """An engine of the suite: how it starts with so many threads, and what it cannot do, with the reason."""

    start: Callable[[pytest.FixtureRequest, int], Engine]
    formats: tuple[FileFormat, ...] = BOTH
    cannot: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RowsInMemory:
    """What counts the rows of a database, given those of a file; one project more received nothing."""

    threads: int
    name = "rows"

    def tally(
        self, gifts: GiftFile, rules: Rules, *, groups: Groups | None = None, progress: Progress | None = None
    ) -> dict[str, ProjectTally]:
        rows = list(read_gifts(gifts))
        persons = sorted({gift.person for gift in rows}, reverse=True)
        projects = [*{gift.project: None for gift in rows}, "received nothing"]
        numbered = (
            {key: number for number, key in enumerate(persons)},
            {key: number for number, key in enumerate(projects)},
        )
        columns = GiftRows(
            projects=projects,
            person=np.array([numbered[0][gift.person] for gift in rows], np.int64),
            project=np.array([numbered[1][gift.project] for gift in rows], np.int64),
            cents=np.array([gift.cents for gift in rows], np.int64),
            eligible=np.array([gift.eligible for gift in rows], np.bool_),
        )
        counted = count_rows(columns, rules.counting)
        return tally_rows(
            counted, rules, persons=persons, groups=groups, threads=self.threads, progress=progress
        )


ENGINES: dict[str, UnderTest] = {
    "memory": UnderTest(lambda _, threads: MemoryEngine(threads=threads, kernel_from=500)),
    "duckdb": UnderTest(lambda _, threads: DuckDBEngine(threads=threads)),
    "radix": UnderTest(lambda _, threads: RadixEngine(threads=threads), formats=(FileFormat.PARQUET,)),
    "rows": UnderTest(lambda _, threads: RowsInMemory(threads), formats=(FileFormat.CSV,)),
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
