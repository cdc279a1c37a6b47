"""Invented rounds are the same for the same seed, whole, and look like real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abonde.engines.files.gift_file import inspect
from abonde.engines.files.reading import read_gifts
from abonde.engines.files.writing import Identifiers, write_gifts
from abonde.simulation.rounds import CHUNK, SyntheticRound


def test_a_seed_makes_one_round_and_another_seed_another() -> None:
    once, again, other = (SyntheticRound(5_000, 40, seed).in_memory() for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert (once.cents != other.cents).any()


@pytest.mark.parametrize("gifts", [1, 2, 4_999, CHUNK + 1])
def test_there_are_as_many_gifts_as_asked_for(gifts: int) -> None:
    rows = SyntheticRound(gifts, projects=7).in_memory()
    assert {column.size for column in rows} == {gifts}
    assert rows.cents.min() > 0
    assert set(np.unique(rows.project)) <= set(range(7))


def test_few_projects_are_popular_and_most_people_give_little() -> None:
    rows = SyntheticRound(100_000, projects=200).in_memory()
    by_project = np.sort(np.bincount(rows.project, minlength=200))[::-1]
    assert by_project[:20].sum() > by_project[20:].sum()
    assert 2.5 < rows.cents.size / np.unique(rows.person).size < 3.5
    assert np.median(rows.cents) <= 1000


@pytest.mark.parametrize("identifiers", Identifiers)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_written_round_is_read_back(tmp_path: Path, identifiers: Identifiers, suffix: str) -> None:
    made = SyntheticRound(1_000, projects=9)
    write_gifts(made.chunks(), tmp_path / f"gifts.{suffix}", identifiers=identifiers)
    read = list(read_gifts(inspect(tmp_path / f"gifts.{suffix}")))
    rows = made.in_memory()
    assert [gift.cents for gift in read] == rows.cents.tolist()
    assert [int(gift.person.removeprefix("person-")) for gift in read] == rows.person.tolist()
    assert [int(gift.project.removeprefix("project-")) for gift in read] == rows.project.tolist()
