"""The rounds that are measured: made once per size, kept in `.bench/`, the same on every machine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from abonde.engines.files.writing import Identifiers, write_gifts
from abonde.engines.matrix import GroupMatrix, SupportMatrix
from abonde.simulation.rounds import SyntheticRound

FOLDER = Path(".bench")
PROJECTS = 1_000


def gifts_file(gifts: int, ids: str = "numbers") -> Path:
    """A Parquet file of so many gifts to 1,000 projects."""
    path = FOLDER / f"{gifts:.0e}-{ids}.parquet".replace("+0", "")
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        write_gifts(SyntheticRound(gifts, PROJECTS, seed=1).chunks(), path, identifiers=Identifiers(ids))
    return path


def support_matrix(people: int, projects: int = PROJECTS) -> SupportMatrix:
    """Whole ballots of so many people, 2.8 projects each."""
    wanted = int(people * 3.2)
    person, project, cents = SyntheticRound(wanted, projects, seed=1).in_memory()
    pair, where = np.unique(person * projects + project, return_inverse=True)
    amount = np.zeros(pair.size, np.int64)
    np.add.at(amount, where, cents)
    kept = pair < people * projects
    pair, amount = pair[kept], amount[kept]
    return SupportMatrix(
        projects=[f"project-{number:05}" for number in range(projects)],
        start=np.searchsorted(pair, np.arange(people + 1) * projects).astype(np.int64),
        project=(pair % projects).astype(np.int32),
        amount=amount,
    )


def group_matrix(people: int, groups: int) -> GroupMatrix:
    """One to eight groups per person, few of them large."""
    random = np.random.default_rng(5)
    sizes = np.minimum(random.geometric(0.45, people), 8)
    popularity = np.cumsum(np.arange(1, groups + 1) ** -0.8)
    drawn = np.searchsorted(popularity / popularity[-1], random.random(int(sizes.sum()))).clip(0, groups - 1)
    pair = np.unique(np.repeat(np.arange(people), sizes) * groups + drawn)
    return GroupMatrix(
        groups=[f"group-{number:05}" for number in range(groups)],
        start=np.searchsorted(pair, np.arange(people + 1) * groups).astype(np.int64),
        group=(pair % groups).astype(np.int32),
    )


def dense(matrix: SupportMatrix) -> NDArray[np.float64]:
    """People × projects, in cents."""
    people = len(matrix.start) - 1
    table = np.zeros((people, len(matrix.projects)))
    table[np.repeat(np.arange(people), np.diff(matrix.start)), matrix.project] = matrix.amount
    return table


def ballots(matrix: SupportMatrix) -> list[dict[int, int]]:
    """One dict of project → cents per person."""
    project, amount = matrix.project.tolist(), matrix.amount.tolist()
    bounds = matrix.start.tolist()
    return [dict(zip(project[a:b], amount[a:b], strict=True)) for a, b in pairwise(bounds)]
