"""Work on a Spark cluster that can be watched and interrupted, and the kernels that run there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import uuid4

from pyspark.sql import SparkSession

from abonde.engines.engine import Progress

Result = TypeVar("Result")

POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Jobs:
    """Runs actions on a session, one after the other, and tells `progress` how far they are."""

    session: SparkSession
    progress: Progress | None

    def run(
        self, action: Callable[[], Result], *, stages: int, since: float = 0.0, until: float = 1.0
    ) -> Result:
        """The result of `action`, whose about `stages` stages take the work from `since` to `until`."""
        if self.progress is None:
            return action()
        group = uuid4().hex

        def in_group() -> Result:
            self.session.sparkContext.setJobGroup(group, "abonde", interruptOnCancel=True)
            return action()

        with ThreadPoolExecutor(1) as background:
            result = background.submit(in_group)
            reached = since
            while not wait_for([result], timeout=POLL_SECONDS).done:
                reached = max(reached, since + (until - since) * min(self._stages_done(group) / stages, 1))
                self.progress(reached)
            value = result.result()
        self.progress(until)
        return value

    def progress_from(self, since: float) -> Progress | None:
        """For work that is done here, to tell how far it is between `since` and the end."""
        tell = self.progress
        return None if tell is None else lambda done: tell(since + (1 - since) * done)

    def _stages_done(self, group: str) -> float:
        tracker = self.session.sparkContext.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
        ids = {stage for job in jobs if job is not None for stage in job.stageIds}
        infos = [tracker.getStageInfo(stage) for stage in ids]
        return sum(
            info.numCompletedTasks / info.numTasks for info in infos if info is not None and info.numTasks
        )
