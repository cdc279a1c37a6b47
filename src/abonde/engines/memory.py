"""The memory engine: plain Python over a list of gifts, the reference itself; for what fits in a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from abonde.engines.engine import GiftFile, Progress
from abonde.engines.files.reading import read_gifts
from abonde.engines.linking import linked_tallies, support_matrix
from abonde.matching import Gift, Groups, Mechanism, ProjectTally, Rules, tally_gifts
from abonde.matching.tally import ballots_of, merge

KERNEL_FROM: Final = 2_000
"""From so many gifts on, the kernels of `pairwise` and `cluster` are worth compiling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEngine:
    """`kernel_from`: how many gifts make the kernels of pairwise and cluster worth their threads."""

    threads: int = 1
    kernel_from: int = KERNEL_FROM
    name = "memory"

    def tally(
        self, gifts: GiftFile, rules: Rules, *, groups: Groups | None = None, progress: Progress | None = None
    ) -> dict[str, ProjectTally]:
        rows = list(read_gifts(gifts))
        if rules.mechanism in (Mechanism.PAIRWISE, Mechanism.CLUSTER) and len(rows) >= self.kernel_from:
            return self._with_kernel(rows, rules, groups, progress)
        return tally_gifts(rows, rules, groups=groups)

    def _with_kernel(
        self, rows: list[Gift], rules: Rules, groups: Groups | None, progress: Progress | None
    ) -> dict[str, ProjectTally]:
        given, received = merge(rows)
        ballots = ballots_of(given, rules.counting)
        projects = sorted(received)
        code = {project: k for k, project in enumerate(projects)}
        pairs = [(i, code[key], x) for i, ballot in enumerate(ballots.values()) for key, x in ballot.items()]
        person, project, amount = np.array(pairs, np.int64).reshape(-1, 3).T
        return linked_tallies(
            support_matrix(projects, person, project, amount),
            received,
            rules,
            persons=lambda: list(ballots),
            groups=groups,
            threads=self.threads,
            progress=progress,
        )
