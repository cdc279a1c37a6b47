"""Leaving a pool early drops the work that nobody waits for any more."""

from __future__ import annotations

import time

import pytest

from abonde.engines.threads import worker_threads


def test_interrupted_work_is_dropped() -> None:
    done: list[int] = []

    def work(item: int) -> int:
        time.sleep(0.005)
        done.append(item)
        return item

    def count() -> None:
        with worker_threads(2) as pool:
            for item in pool.map(work, range(1000)):
                if item == 3:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        count()
    reached = len(done)
    assert reached < 100
    time.sleep(0.05)
    assert len(done) == reached
