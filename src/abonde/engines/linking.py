"""What pairwise and cluster measure: the support matrix of an engine handed to the kernel of the mechanism."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from abonde.engines.engine import Progress
from abonde.engines.matrix import GroupMatrix, SupportMatrix
from abonde.engines.summing import Histogram, Voices, cells, tallies
from abonde.matching import Cents, Groups, Mechanism, ProjectTally, Rules

LINKED = frozenset({Mechanism.HEADS, Mechanism.PAIRWISE, Mechanism.CLUSTER})
"""The mechanisms that ask which gifts come from the same person across projects."""


def support_matrix(
    projects: Sequence[str], person: NDArray[np.int64], project: NDArray[np.int64], amount: NDArray[np.int64]
) -> SupportMatrix:
    """The matrix of pairs of person and project code, each pair once and in any order; amounts in cents above 0.

    Rows follow the person codes.
    """
    by_key = sorted(range(len(projects)), key=lambda code: projects[code])
    rank = np.empty(len(projects), np.int32)
    rank[by_key] = np.arange(len(projects), dtype=np.int32)
    ranked = rank[project]
    order = np.lexsort((ranked, person))
    starts = np.flatnonzero(np.diff(person[order], prepend=-1))
    return SupportMatrix(
        projects=[projects[code] for code in by_key],
        start=np.append(starts, len(order)),
        project=ranked[order],
        amount=amount[order],
    )


def group_matrix(persons: Sequence[str], groups: Groups) -> GroupMatrix:
    """The groups of the people of a support matrix, whose keys are given row by row."""
    names = sorted({name for person in persons for name in groups.get(person, ())})
    code = {name: k for k, name in enumerate(names)}
    rows = [sorted(code[name] for name in groups.get(person, ())) for person in persons]
    return GroupMatrix(
        groups=names,
        start=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        group=np.array([k for row in rows for k in row], dtype=np.int32),
    )


def linked_tallies(  # noqa: PLR0913
    matrix: SupportMatrix,
    received: Mapping[str, int],
    rules: Rules,
    *,
    persons: Callable[[], Sequence[str]],
    groups: Groups | None,
    threads: int,
    progress: Progress | None,
) -> dict[str, ProjectTally]:
    """The tally by project, from the matrix of an engine, under `heads`, `pairwise` or `cluster`.

    `matrix.projects` and `received` name the same projects; `persons` gives the keys of the rows, where needed.
    """
    project, amount, times = cells(matrix.project, matrix.amount)
    histogram = Histogram(
        projects=matrix.projects,
        received=[received[key] for key in matrix.projects],
        project=project,
        amount=amount,
        persons=times,
    )
    if rules.mechanism is Mechanism.HEADS:
        supported = np.diff(matrix.start)
        project, shared, times = cells(matrix.project, np.repeat(supported, supported))
        voices = Voices(project=project, supported=shared, persons=times)
        return tallies(histogram, voices=voices)
    linked = _kernel(matrix, rules, persons=persons, groups=groups, threads=threads, progress=progress)
    return tallies(histogram, linked=dict(zip(matrix.projects, linked, strict=True)))


def _kernel(  # noqa: PLR0913
    matrix: SupportMatrix,
    rules: Rules,
    *,
    persons: Callable[[], Sequence[str]],
    groups: Groups | None,
    threads: int,
    progress: Progress | None,
) -> list[int]:
    if rules.mechanism is Mechanism.PAIRWISE:
        from abonde.engines.kernels.pairwise import pairwise_support

        return pairwise_support(matrix, m=Cents(rules.pairwise_m), threads=threads, progress=progress)
    from abonde.engines.kernels.cluster import cluster_support

    grouped = None if groups is None else group_matrix(persons(), groups)
    return cluster_support(
        matrix, form=rules.cluster_form, groups=grouped, threads=threads, progress=progress
    )
