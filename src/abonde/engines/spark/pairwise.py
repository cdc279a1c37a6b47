"""The `pairwise` kernel on a cluster: contributor blocks are the unit of work, and integer sums come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

import numpy as np
from pyspark import Broadcast

from abonde.engines.kernels.pairwise import support_of_block, total_support
from abonde.engines.kernels.pairwise_layout import Int64s, PairwiseLayout, lay_out
from abonde.engines.matrix import SupportMatrix
from abonde.engines.spark.jobs import Jobs
from abonde.matching import Cents

TASKS_PER_CORE: Final = 16
"""Few enough that starting them costs little, many enough that no core waits long for the last."""


def pairwise_support(jobs: Jobs, matrix: SupportMatrix, *, m: Cents, since: float) -> list[int]:
    """raw[p] in 1/S² cents, by project of the matrix: `kernels.pairwise.pairwise_support`, on all executors."""
    layout = lay_out(matrix, m=m)
    context = jobs.session.sparkContext
    tasks = max(1, min(layout.blocks, TASKS_PER_CORE * context.defaultParallelism))
    # The work of a block grows with its number: dealing them out like cards gives every task as much to do.
    blocks = [block for task in range(tasks) for block in range(task, layout.blocks, tasks)]
    shared = context.broadcast(layout)
    try:
        measure = context.parallelize(blocks, tasks).mapPartitions(partial(_measure, shared))
        parts = jobs.run(measure.collect, stages=1, since=since)
    finally:
        shared.destroy()
    low, high = _add_up(parts, len(matrix.projects))
    return total_support(layout, low, high)


def _measure(shared: Broadcast[PairwiseLayout], blocks: Iterable[int]) -> Iterator[tuple[Int64s, Int64s]]:
    layout = shared.value
    yield _add_up((support_of_block(layout, block) for block in blocks), len(layout.column_of_project))


def _add_up(parts: Iterable[tuple[Int64s, Int64s]], columns: int) -> tuple[Int64s, Int64s]:
    low, high = np.zeros((2, columns), np.int64)
    for part_low, part_high in parts:
        low += part_low
        high += part_high
    return low, high
