"""What only a cluster can show; that Spark finds the same integers as the other engines is in `tests/parity`."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from pyarrow import parquet

from abonde.engines.engine import FileFormat, GiftFile
from abonde.engines.files.gift_file import inspect
from abonde.engines.files.reading import read_gifts
from abonde.engines.kernels.pairwise_layout import BLOCK
from abonde.engines.memory import MemoryEngine
from abonde.engines.spark import session as spark_session
from abonde.engines.spark.engine import BALLOTS_FROM, SparkEngine
from abonde.matching import LARGEST_GIFT, PRESETS, Mechanism, Refusal, Refusals
from tests.parity.cases import fingerprint
from tests.spark_cluster import SparkCluster

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

PAIRWISE = PRESETS["plain"].with_mechanism(Mechanism.PAIRWISE)
PEOPLE = 6 * BLOCK


@pytest.fixture(scope="module")
def several_blocks(tmp_path_factory: pytest.TempPathFactory) -> GiftFile:
    """People whose ballots all differ, so that they make several blocks, in three parts."""
    chance = Random(20)
    folder = tmp_path_factory.mktemp("blocks")
    rows = [
        (f"person-{i}", f"project-{chance.randrange(25)}", chance.randint(1, 20000))
        for i in range(PEOPLE)
        for _ in range(3)
    ]
    for part in range(3):
        person, project, cents = zip(*rows[part::3], strict=True)
        parquet.write_table(
            pa.table({"person": person, "project": project, "cents": cents}),
            folder / f"part-{part}.parquet",
        )
    return inspect(folder)


@pytest.fixture(scope="module")
def expected(several_blocks: GiftFile) -> str:
    return fingerprint(MemoryEngine(kernel_from=0).tally(several_blocks, PAIRWISE))


@pytest.fixture
def free_cluster(spark_cluster: SparkCluster, spark_engine: SparkEngine) -> SparkCluster:
    """The cluster without the connection that tests share, which comes back by itself."""
    spark_engine.stop()
    return spark_cluster


def test_blocks_are_measured_on_all_workers(
    spark_engine: SparkEngine, several_blocks: GiftFile, expected: str
) -> None:
    assert fingerprint(spark_engine.tally(several_blocks, PAIRWISE)) == expected


def test_a_worker_that_fails_on_the_way_changes_nothing(
    spark_cluster: SparkCluster, spark_engine: SparkEngine, several_blocks: GiftFile, expected: str
) -> None:
    # After the histogram the merged gifts lie on the workers: half of them are lost here, and counted anew.
    killed = False

    def kill_once(done: float) -> None:
        nonlocal killed
        if done >= BALLOTS_FROM and not killed:
            killed = True
            spark_cluster.kill_worker(0)

    try:
        found = spark_engine.tally(several_blocks, PAIRWISE, progress=kill_once)
    finally:
        spark_cluster.add_worker()
    assert killed
    assert fingerprint(found) == expected


def test_progress_rises_to_the_end(spark_engine: SparkEngine, several_blocks: GiftFile) -> None:
    told: list[float] = []
    spark_engine.tally(several_blocks, PAIRWISE, progress=told.append)
    assert all(0 <= before <= after for before, after in pairwise(told))
    assert told[-1] == 1


def test_a_path_is_not_a_pattern(spark_engine: SparkEngine, tmp_path: Path) -> None:
    folder = tmp_path / "gifts [2025] {été} *?\\"
    folder.mkdir()
    parquet.write_table(pa.table({"person": ["Ana"], "project": ["a"], "cents": [5]}), folder / "p.parquet")
    (folder / "_SUCCESS").touch()
    assert spark_engine.tally(inspect(folder), PRESETS["plain"])["a"].received == 5


def test_columns_may_be_called_anything(spark_engine: SparkEngine, tmp_path: Path) -> None:
    path = tmp_path / "gifts.parquet"
    columns = {"per`son": ["Ana"], "PROJECT": ["a"], "project": ["b"], "x.cents": pa.array([7], pa.int16())}
    parquet.write_table(pa.table(columns), path)
    gifts = GiftFile(
        path=path, format=FileFormat.PARQUET, person="per`son", project="project", cents="x.cents"
    )
    assert {key: found.counted for key, found in spark_engine.tally(gifts, PRESETS["plain"]).items()} == {
        "b": 7
    }


@pytest.mark.parametrize("cents", [pa.int64(), pa.uint64()])
def test_rows_that_cannot_be_used_are_told_where_they_stand(
    spark_engine: SparkEngine, tmp_path: Path, cents: pa.DataType
) -> None:
    amounts = [5, None, 0, LARGEST_GIFT + 1, 2**63 - 1, 5, 5, 5, 5]
    table = {
        "person": ["Ana"] * 5 + ["", None, "Ben", "Ben"],
        "project": ["a"] * 7 + [None, "a"],
        "cents": pa.array(amounts, cents),
        "eligible": [True] * 8 + [None],
    }
    parquet.write_table(pa.table(table), tmp_path / "gifts.parquet")
    gifts = inspect(tmp_path / "gifts.parquet")
    with pytest.raises(Refusals) as told:
        spark_engine.tally(gifts, PRESETS["plain"])
    with pytest.raises(Refusals) as wanted:
        list(read_gifts(gifts))
    assert len(told.value.refusals) == 8
    assert str(told.value) == str(wanted.value)


def test_a_sum_beyond_64_bits_is_refused(spark_engine: SparkEngine, tmp_path: Path) -> None:
    parts = 10
    rows = 2**63 // LARGEST_GIFT // parts + 1
    table = pa.table(
        {"person": pa.repeat(1, rows), "project": pa.repeat(1, rows), "cents": pa.repeat(LARGEST_GIFT, rows)}
    )
    for part in range(parts):
        parquet.write_table(table, tmp_path / f"part-{part}.parquet")
    with pytest.raises(Refusal, match="one person or project is given more than 9223372036854775807 cents"):
        spark_engine.tally(inspect(tmp_path), PRESETS["plain"])


def test_a_file_damaged_after_it_was_looked_at_is_refused(spark_engine: SparkEngine, tmp_path: Path) -> None:
    path = tmp_path / "gifts.parquet"
    parquet.write_table(pa.table({"person": ["Ana"], "project": ["a"], "cents": [5]}), path)
    gifts = inspect(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Refusal, match=r"Spark gave up on .*gifts.parquet"):
        spark_engine.tally(gifts, PRESETS["plain"])


def test_a_process_has_one_connection(
    spark_cluster: SparkCluster, spark_engine: SparkEngine, several_blocks: GiftFile
) -> None:
    spark_engine.tally(several_blocks, PRESETS["plain"])
    with pytest.raises(Refusal, match="stop that session first"):
        SparkEngine(spark_cluster.master_url).tally(several_blocks, PRESETS["plain"])


def test_one_worker_finds_the_same_and_leaves_nothing_behind(
    free_cluster: SparkCluster,
    several_blocks: GiftFile,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one_core = {"spark.cores.max": "1"}
    with SparkEngine(free_cluster.master_url, driver_memory="1g", options=one_core) as alone:
        assert fingerprint(alone.tally(several_blocks, PAIRWISE)) == expected
        assert list(tmp_path.glob("abonde-spark-*"))
    assert not list(tmp_path.iterdir())


def test_a_cluster_without_room_is_told(
    free_cluster: SparkCluster, several_blocks: GiftFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_session, "EXECUTOR_SECONDS", 0.5)
    greedy = SparkEngine(free_cluster.master_url, options={"spark.executor.memory": "900g"})
    with pytest.raises(Refusal, match="offered no executor within"):
        greedy.tally(several_blocks, PRESETS["plain"])


def test_a_connection_that_breaks_off_is_told(free_cluster: SparkCluster, several_blocks: GiftFile) -> None:
    of_another_machine = {"spark.driver.bindAddress": "203.0.113.1", "spark.port.maxRetries": "0"}
    lost = SparkEngine(free_cluster.master_url, options=of_another_machine)
    with pytest.raises(Refusal, match=r"did not take the work on \(.*Cannot assign requested address"):
        lost.tally(several_blocks, PRESETS["plain"])
