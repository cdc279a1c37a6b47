"""A ratio means something only if both sides do the same work."""

from __future__ import annotations

import random

import numpy as np
import pytest

from abonde.matching import UNIT, Cents, ClusterForm, share_out
from abonde.matching.cluster import cluster_support
from abonde.matching.pairwise import pairwise_support
from bench import alternatives

PROJECTS = [f"project-{number}" for number in range(6)]


@pytest.fixture(scope="module")
def ballots() -> list[dict[int, int]]:
    dice = random.Random(4)
    return [
        {project: dice.choice([500, 1000, 5000]) for project in dice.sample(range(6), dice.randint(1, 4))}
        for _ in range(30)
    ]


def named(ballots: list[dict[int, int]]) -> dict[str, dict[str, Cents]]:
    return {
        f"person-{number}": {PROJECTS[project]: Cents(cents) for project, cents in ballot.items()}
        for number, ballot in enumerate(ballots)
    }


def table(ballots: list[dict[int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    gifts = np.zeros((len(ballots), len(PROJECTS)))
    for person, ballot in enumerate(ballots):
        for project, cents in ballot.items():
            gifts[person, project] = cents
    return gifts


def test_both_pairwise_alternatives_measure_the_same_support(ballots: list[dict[int, int]]) -> None:
    ours = [raw / UNIT for raw in pairwise_support(named(ballots), m=Cents(2500)).values()]
    in_dicts = alternatives.pairwise_in_dicts(ballots, 2500.0)
    assert [in_dicts[project] for project in range(6)] == pytest.approx(ours)
    assert alternatives.pairwise_dense(np.sqrt(table(ballots)), 2500.0) == pytest.approx(ours)


def test_the_dense_cluster_measures_the_same_support(ballots: list[dict[int, int]]) -> None:
    dice = random.Random(5)
    groups = [frozenset(dice.sample("ABCDE", dice.randint(1, 3))) for _ in ballots]
    ours = cluster_support(
        named(ballots),
        form=ClusterForm.SOFT,
        groups={f"person-{number}": mine for number, mine in enumerate(groups)},
    )
    members = np.array([[float(group in mine) for group in "ABCDE"] for mine in groups])
    dense = alternatives.soft_cluster_dense(table(ballots), members)
    assert dense == pytest.approx([raw / UNIT for raw in ours.values()], rel=1e-6)


def test_sharing_round_after_round_ends_at_the_same_level() -> None:
    dice = random.Random(6)
    raw = [dice.randrange(0, 10**20) for _ in range(40)]
    ceilings: list[int | None] = [dice.randrange(0, 5_000) for _ in raw]
    exact = share_out(60_000, raw, ceilings).cents
    rounded_down = alternatives.share_by_rounds(60_000, raw, [top or 0 for top in ceilings])
    assert all(0 <= cents - floor <= 1 for cents, floor in zip(exact, rounded_down, strict=True))


def test_counting_in_dicts_counts() -> None:
    rows = [(1, 7, 500), (2, 7, 500), (1, 7, 200), (2, 8, 100)]
    assert alternatives.count_in_dicts(rows) == {7: {700: 1, 500: 1}, 8: {100: 1}}
