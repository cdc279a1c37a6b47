"""Sharing the loops of the radix engine out among threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import local
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from abonde.engines.engine import Progress
from abonde.engines.threads import worker_threads

_Item = TypeVar("_Item")
_State = TypeVar("_State")


def silent(_done: float) -> None:
    """No progress to tell."""


def in_threads(
    items: Sequence[_Item],
    start: Callable[[], _State],
    work: Callable[[_State, _Item], None],
    threads: int,
    progress: Progress = silent,
) -> list[_State]:
    """Do the work on every item, on several threads with a state of their own; returns the states."""
    states: list[_State] = []
    own = local()

    def one(item: _Item) -> None:
        if not hasattr(own, "state"):
            own.state = start()
            states.append(own.state)
        work(own.state, item)

    with worker_threads(threads) as pool:
        for done, _ in enumerate(pool.map(one, items), start=1):
            progress(done / len(items))
    return states


def chunks(size: int, threads: int) -> list[slice]:
    """`size` items in pieces, enough of them to keep all threads busy to the end."""
    step = max(size // (threads * 16), 1)
    return [slice(first, min(first + step, size)) for first in range(0, size, step)]


def places(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each bucket starts, and where in it each run of rows goes, `sizes[run, bucket]` of a run going to a bucket.

    Bucket follows bucket, and within a bucket run follows run, so that threads write apart.
    """
    start = np.append(0, np.cumsum(sizes.sum(axis=0)))
    return start, start[:-1] + np.cumsum(sizes, axis=0) - sizes
