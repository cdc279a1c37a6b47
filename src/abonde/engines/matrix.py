"""Who supports what, as a sparse matrix: what the `pairwise` and `cluster` kernels work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportMatrix:
    """Counted amounts by person and project, one compressed row per person.

    Person i supports `project[start[i]:start[i+1]]` with `amount[…]` (x > 0, cents). `projects` are the keys in byte
    order; within a row projects rise. People have no order: no result may depend on it.
    """

    projects: list[str]
    start: NDArray[np.int64]
    project: NDArray[np.int32]
    amount: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMatrix:
    """The groups of each person of a SupportMatrix, in the same order of people; groups rise within a row."""

    groups: list[str]
    start: NDArray[np.int64]
    group: NDArray[np.int32]
