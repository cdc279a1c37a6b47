"""The Spark engine: gifts in a Parquet dataset, merged and counted on a cluster; for what outgrows one machine.

    with SparkEngine("spark://master:7077") as engine:
        tally = engine.tally(gifts, rules)

The cluster merges and counts; only the histogram comes back, and its sums are the same integers as everywhere. For
`pairwise` the people's ballots come back too (a few bytes per counted gift), are laid out once, and go out again to be
measured block by block of contributors on all executors; integers are added, so that neither the number of workers nor
one that fails on the way changes a bit. For `cluster` the kernel runs here over the collected ballots: its work only
grows with their number, so that it takes less time than sending them out again.

What a cluster needs: every executor reads the dataset at the same path, and runs the Python named by `python` with
Abonde installed in it, as for any PySpark program. On one machine that is so by itself.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from abonde.engines.engine import FileFormat, GiftFile, Progress
from abonde.engines.files.reading import read_gifts
from abonde.engines.linking import group_matrix
from abonde.engines.matrix import SupportMatrix
from abonde.engines.summing import Histogram, Voices, tallies
from abonde.matching import Groups, Mechanism, ProjectTally, Refusal, Rules

try:
    from pyspark.sql import DataFrame, SparkSession
except ModuleNotFoundError as missing:
    raise Refusal("Counting on a Spark cluster needs PySpark: pip install 'abonde[spark]'.") from missing

from abonde.engines.spark import queries
from abonde.engines.spark.jobs import Jobs
from abonde.engines.spark.session import SparkFailure, refusal, start_session

BALLOTS_FROM: Final = 0.3
KERNEL_FROM: Final = 0.5
"""Where the collection of ballots and the kernel begin, as parts of the work that `progress` tells of."""


class SparkEngine:
    """Counting on the Spark cluster at `master_url`: `spark://host:7077` or, on this machine alone, `local[*]`.

    `yarn` and `k8s://…` are handed to Spark as they are, with what they need in `options`.

    `driver_memory` is for what comes back; `python` is the interpreter of the executors; `options` are Spark's own
    and go before those set here. The connection is made by the first tally and kept until `stop`.
    """

    name = "spark"

    def __init__(
        self,
        master_url: str,
        *,
        driver_memory: str = "2g",
        python: str = sys.executable,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.master_url = master_url
        self.driver_memory = driver_memory
        self.python = python
        self.options = dict(options or {})
        self._session: SparkSession | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Give the executors back and remove the scratch folder. The next tally would connect again."""
        if self._session is not None:
            self._session.stop()
            self._session = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def tally(
        self, gifts: GiftFile, rules: Rules, *, groups: Groups | None = None, progress: Progress | None = None
    ) -> dict[str, ProjectTally]:
        """The tally by project, as `Engine` says. The first call also connects to the cluster."""
        if gifts.format is not FileFormat.PARQUET:
            raise Refusal(
                "{file} is CSV; Spark reads a Parquet file or folder: convert it, or count it with another engine.",
                file=gifts.path,
            )
        session = self._connected()
        try:
            return _tally(Jobs(session, progress), gifts, rules, groups)
        except SparkFailure as failure:
            raise refusal(failure, gifts.path) from failure

    def _connected(self) -> SparkSession:
        if self._session is None:
            # Java may still be tidying up in it when it is removed.
            self._scratch = tempfile.TemporaryDirectory(prefix="abonde-spark-", ignore_cleanup_errors=True)
            try:
                self._session = start_session(
                    self.master_url,
                    driver_memory=self.driver_memory,
                    python=self.python,
                    scratch=Path(self._scratch.name),
                    options=self.options,
                )
            except BaseException:
                self.stop()
                raise
        return self._session


def _tally(jobs: Jobs, gifts: GiftFile, rules: Rules, groups: Groups | None) -> dict[str, ProjectTally]:
    heads = rules.mechanism is Mechanism.HEADS
    merged = queries.merged_gifts(jobs.session, gifts, rules.counting)
    if rules.mechanism not in (Mechanism.PAIRWISE, Mechanism.CLUSTER):
        counts = jobs.run(lambda: queries.histogram(merged, with_voices=heads), stages=4 if heads else 3)
        histogram, voices = _histogram(gifts, counts)
        return tallies(histogram, voices=voices if heads else None)
    merged.persist()
    try:
        counts = jobs.run(lambda: queries.histogram(merged, with_voices=False), stages=3, until=BALLOTS_FROM)
        histogram, _ = _histogram(gifts, counts)
        linked = _linked(jobs, merged, list(histogram.projects), rules, groups)
    finally:
        merged.unpersist()
    return tallies(histogram, linked=linked)


def _histogram(gifts: GiftFile, counts: pa.Table) -> tuple[Histogram, Voices]:
    """What Spark counted, coded by the byte order of the projects. Raises Refusals where rows were unusable."""
    if pc.sum(counts["unusable"]).as_py():
        _tell_unusable_rows(gifts)
    # In 38 digits, since sums in 64 bits would wrap without a word.
    money = counts["received"].cast(pa.decimal128(38))
    sums = pa.table({"project": counts["project"], "money": money}).group_by("project")
    received = {
        row["project"]: int(row["money_sum"]) for row in sums.aggregate([("money", "sum")]).to_pylist()
    }
    projects = sorted(received)
    code = pc.index_in(counts["project"], pa.array(projects, pa.string())).to_numpy()
    x, supported, persons = (counts[name].to_numpy().astype(np.int64) for name in ("x", "d", "persons"))
    on = x > 0
    project = code.astype(np.int64)[on]
    histogram = Histogram(
        projects=projects,
        received=[received[key] for key in projects],
        project=project,
        amount=x[on],
        persons=persons[on],
    )
    return histogram, Voices(project=project, supported=supported[on], persons=persons[on])


def _tell_unusable_rows(gifts: GiftFile) -> None:
    for _ in read_gifts(gifts):  # raises where the rows stand; Spark only knows how many there are
        pass
    raise Refusal("{file} changed while it was read; count it again.", file=gifts.path)


def _linked(
    jobs: Jobs, merged: DataFrame, projects: list[str], rules: Rules, groups: Groups | None
) -> dict[str, int]:
    """The raw support that `pairwise` or `cluster` measures, by project."""
    collected = jobs.run(
        lambda: queries.ballots(jobs.session, merged, projects),
        stages=2,
        since=BALLOTS_FROM,
        until=KERNEL_FROM,
    )
    gifts = pc.list_flatten(collected["ballot"])
    matrix = SupportMatrix(
        projects=projects,
        start=np.append(0, np.cumsum(pc.list_value_length(collected["ballot"]).to_numpy(), dtype=np.int64)),
        project=pc.struct_field(gifts, "place").to_numpy(),
        amount=pc.struct_field(gifts, "x").to_numpy(),
    )
    if rules.mechanism is Mechanism.PAIRWISE:
        from abonde.engines.spark.pairwise import pairwise_support  # numba is slow to import

        support = pairwise_support(jobs, matrix, m=rules.pairwise_m, since=KERNEL_FROM)
    else:
        from abonde.engines.kernels.cluster import cluster_support

        persons = map(str, collected["person"].to_pylist())
        grouped = None if groups is None else group_matrix(list(persons), groups)
        support = cluster_support(
            matrix, form=rules.cluster_form, groups=grouped, progress=jobs.progress_from(KERNEL_FROM)
        )
    return dict(zip(projects, support, strict=True))
