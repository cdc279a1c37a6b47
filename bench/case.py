"""One case in this process: prepare, warm up, repeat, and print seconds and peak memory as JSON.

python -m bench.case count-radix 1000000 numbers 2
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from abonde.engines.matrix import SupportMatrix
from abonde.matching import PRESETS, Cents, ClusterForm, Pot, Project, allocate, share_out, tally_project
from bench import alternatives, data

Work = Callable[[], object]
ENOUGH_SECONDS = 1.5
MOST_RUNS = 200
SMALL = 10_000


def main() -> None:
    """Run the case named on the command line."""
    name, *arguments = sys.argv[1:]
    work = CASES[name](*arguments)
    seconds: list[float] = []
    while not seconds or (sum(seconds) < ENOUGH_SECONDS and len(seconds) < MOST_RUNS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak_mib}) + "\n")


def count_radix(gifts: str, ids: str, threads: str) -> Work:
    from abonde.engines.files.gift_file import inspect
    from abonde.engines.radix.engine import RadixEngine

    engine = RadixEngine(threads=int(threads))
    engine.tally(inspect(data.gifts_file(SMALL, ids)), PRESETS["plain"])  # compiled before it is timed
    file = inspect(data.gifts_file(int(gifts), ids))
    return lambda: engine.tally(file, PRESETS["plain"])


def count_duckdb(gifts: str, ids: str, threads: str) -> Work:
    from abonde.engines.duckdb_engine import DuckDBEngine
    from abonde.engines.files.gift_file import inspect

    engine = DuckDBEngine(threads=int(threads))
    engine.tally(inspect(data.gifts_file(SMALL, ids)), PRESETS["plain"])
    file = inspect(data.gifts_file(int(gifts), ids))
    return lambda: engine.tally(file, PRESETS["plain"])


def count_memory(gifts: str, ids: str) -> Work:
    from abonde.engines.files.gift_file import inspect
    from abonde.engines.memory import MemoryEngine

    file = inspect(data.gifts_file(int(gifts), ids))
    return lambda: MemoryEngine().tally(file, PRESETS["plain"])


def count_in_dicts(gifts: str, ids: str) -> Work:
    import pyarrow.parquet

    path: Path = data.gifts_file(int(gifts), ids)

    def work() -> object:
        columns = [column.to_pylist() for column in pyarrow.parquet.read_table(path).columns]
        return alternatives.count_in_dicts(zip(*columns, strict=True))

    return work


def pairwise(people: str, threads: str) -> Work:
    from abonde.engines.kernels.pairwise import pairwise_support

    m = Cents(2500)
    pairwise_support(data.support_matrix(1_000), m=m, threads=int(threads))
    matrix = data.support_matrix(int(people))
    return lambda: pairwise_support(matrix, m=m, threads=int(threads))


def pairwise_in_dicts(people: str) -> Work:
    ballots = data.ballots(data.support_matrix(int(people)))
    return lambda: alternatives.pairwise_in_dicts(ballots, 2500.0)


def pairwise_dense(people: str) -> Work:
    roots = data.dense(data.support_matrix(int(people))) ** 0.5
    return lambda: alternatives.pairwise_dense(roots, 2500.0)


def soft_cluster(people: str, groups: str, threads: str) -> Work:
    from abonde.engines.kernels.cluster import cluster_support

    def work(people: int) -> Work:
        matrix, members = data.support_matrix(people), data.group_matrix(people, int(groups))
        return lambda: cluster_support(matrix, form=ClusterForm.SOFT, groups=members, threads=int(threads))

    work(1_000)()
    return work(int(people))


def soft_cluster_dense(people: str, groups: str) -> Work:
    gifts = data.dense(data.support_matrix(int(people)))
    rows = data.group_matrix(int(people), int(groups))
    members = (
        data.dense(
            SupportMatrix(
                projects=rows.groups,
                start=rows.start,
                project=rows.group,
                amount=(rows.group * 0 + 1).astype("int64"),
            )
        )
        > 0
    ).astype(float)
    return lambda: alternatives.soft_cluster_dense(gifts, members)


def share(projects: str, way: str) -> Work:
    dice = random.Random(1)
    raw = [int(dice.paretovariate(1.1) * 1e6) << 60 for _ in range(int(projects))]
    ceilings: list[int | None] = [dice.randrange(1, 100_000) for _ in raw]
    if way == "exact":
        return lambda: share_out(10**8, raw, ceilings)
    return lambda: alternatives.share_by_rounds(10**8, raw, [top or 0 for top in ceilings])


def estimate(projects: str, way: str) -> Work:
    from abonde.matching.live import LiveRound

    dice = random.Random(1)
    keys = [f"project-{number:05}" for number in range(int(projects))]
    tally = {}
    for key in keys:
        people = int(dice.paretovariate(1.1) * 5)
        tally[key] = tally_project(
            {500: people, 1000: people // 2, 5000: people // 5}, received=people * 1500
        )
    live = LiveRound(
        projects=[Project(key=key) for key in keys],
        tally=tally,
        pots=[Pot(key="fund", funders={"bank": Cents(10**8)})],
        rules=PRESETS["guarded"],
    )
    sums = {"now": 0}

    def one_more_gift() -> object:
        live.move(keys[0], before=sums["now"], after=sums["now"] + 500)
        sums["now"] += 500
        return live.estimates()

    def all_again() -> object:
        allocation = allocate(
            projects=live.projects.values(), tally=live.tally(), pots=live.pots, rules=live.rules
        )
        return allocation.matching

    return one_more_gift if way == "live" else all_again


CASES: dict[str, Callable[..., Work]] = {
    "count-radix": count_radix,
    "count-duckdb": count_duckdb,
    "count-memory": count_memory,
    "count-dicts": count_in_dicts,
    "pairwise": pairwise,
    "pairwise-dicts": pairwise_in_dicts,
    "pairwise-dense": pairwise_dense,
    "soft-cluster": soft_cluster,
    "soft-cluster-dense": soft_cluster_dense,
    "share": share,
    "estimate": estimate,
}

if __name__ == "__main__":
    main()
