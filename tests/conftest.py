from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # most tests do without Spark, whose import takes longer than they do
    from abonde.engines.spark.engine import SparkEngine
    from tests.spark_cluster import SparkCluster

pytest_plugins = ["tests.embedded"]

QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For every Java of the cluster and for the driver's: the work of a test is too short to be worth optimising."""


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    """A standalone cluster of two workers; tests that kill one put another in its place."""
    from tests.spark_cluster import SparkCluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", QUICK_TO_START)
        with SparkCluster(tmp_path_factory.mktemp("spark"), workers=2) as cluster:
            yield cluster


@pytest.fixture(scope="session")
def spark_engine(spark_cluster: SparkCluster) -> Iterator[SparkEngine]:
    from abonde.engines.spark.engine import SparkEngine

    with SparkEngine(spark_cluster.master_url, driver_memory="1g") as engine:
        yield engine
