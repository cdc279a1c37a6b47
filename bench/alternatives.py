"""What one would write first: the straightforward ways that the engines are measured against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import sqrt

import numpy as np
from numpy.typing import NDArray


def count_in_dicts(rows: Iterable[tuple[int, int, int]]) -> dict[int, dict[int, int]]:
    """Merge in a dict of dicts, then count: n[project][amount]."""
    given: defaultdict[int, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for person, project, cents in rows:
        given[person][project] += cents
    counted: defaultdict[int, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for sums in given.values():
        for project, amount in sums.items():
            counted[project][amount] += 1
    return {project: dict(amounts) for project, amounts in counted.items()}


def pairwise_in_dicts(ballots: Sequence[Mapping[int, int]], m: float) -> dict[int, float]:
    """The widespread way: by project, a loop over all pairs of contributors, twice, with a dict of dicts of K."""
    by_project: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for person, ballot in enumerate(ballots):
        for project, amount in ballot.items():
            by_project[project][person] = sqrt(amount)
    together: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for contributors in by_project.values():
        for i, root_i in contributors.items():
            for j, root_j in contributors.items():
                together[i][j] += root_i * root_j
    return {
        project: sum(
            root_i * root_j * m / (m + together[i][j])
            for i, root_i in contributors.items()
            for j, root_j in contributors.items()
            if i != j
        )
        for project, contributors in by_project.items()
    }


def pairwise_dense(roots: NDArray[np.float64], m: float) -> NDArray[np.float64]:
    """Matrix products over all pairs of people: roots is people × projects."""
    weight = m / (m + roots @ roots.T)
    np.fill_diagonal(weight, 0.0)
    support: NDArray[np.float64] = (roots * (weight @ roots)).sum(axis=0)
    return support


def soft_cluster_dense(gifts: NDArray[np.float64], members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Soft cluster support with a matrix product per project: gifts people × projects, members people × groups."""
    person = members / members.sum(axis=1, keepdims=True)
    group = members.T / np.maximum(members.sum(axis=0)[:, None], 1)
    near = np.maximum(person @ (group @ person), members > 0)
    support = np.zeros(gifts.shape[1])
    for project in range(gifts.shape[1]):
        donors = np.flatnonzero(gifts[:, project])
        brought = person[donors].T @ ((1 - near[donors]) * gifts[donors, project][:, None])
        across = np.sqrt(np.maximum(brought * brought.T, 0.0))
        np.fill_diagonal(across, 0.0)
        support[project] = across.sum()
    return support


def share_by_rounds(pot: int, raw: Sequence[int], ceilings: Sequence[int]) -> list[int]:
    """Share, cut at the ceilings, share the rest among the others, again until nothing is cut; then round down."""
    shares = [Fraction(0)] * len(raw)
    below, left = set(range(len(raw))), Fraction(pot)
    while below:
        everyone = sum(raw[p] for p in below)
        if not everyone:
            break
        level = left / everyone
        cut = {p for p in below if level * raw[p] >= ceilings[p]}
        if not cut:
            for p in below:
                shares[p] = level * raw[p]
            break
        for p in cut:
            shares[p] = Fraction(ceilings[p])
            left -= ceilings[p]
        below -= cut
    return [int(share) for share in shares]
