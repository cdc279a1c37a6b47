from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonde.engines.summing import LARGEST_COUNTED, Histogram, Voices, cells, exact_roots, tallies
from abonde.matching import UNIT, Refusal, root, tally_project

amounts = st.one_of(
    st.integers(1, LARGEST_COUNTED - 1),
    st.integers(1, 2**28 - 1).map(lambda side: side * side),
    st.integers(2, 2**28 - 1).map(lambda side: side * side - 1),
    st.sampled_from([2**44 - 1, 2**44, 2**46]),
)


def histogram(rows: list[tuple[int, int, int]], projects: int) -> Histogram:
    project, amount, persons = np.array(rows, np.int64).reshape(-1, 3).T
    keys = [f"p{k}" for k in range(projects)]
    return Histogram(projects=keys, received=[7] * projects, project=project, amount=amount, persons=persons)


@settings(deadline=None)
@given(st.lists(amounts, min_size=1))
def test_roots_are_exact(values: list[int]) -> None:
    roots, shortfalls = exact_roots(np.array(values))
    assert roots.tolist() == [root(x) for x in values]
    assert shortfalls.tolist() == [x * UNIT - root(x) ** 2 for x in values]


def test_roots_are_exact_beside_every_square_a_double_could_confuse() -> None:
    sides = np.concatenate([np.arange(1, 3000), np.arange(2**22 - 3000, 2**22)])
    near = np.concatenate([sides**2 - 1, sides**2, sides**2 + 1])[1:]
    assert exact_roots(near)[0].tolist() == [root(int(x)) for x in near]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), amounts, st.integers(1, 2**26))))
def test_sums_are_those_of_the_reference(rows: list[tuple[int, int, int]]) -> None:
    by_project: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for project, amount, persons in rows:
        by_project[project][amount] += persons
    found = tallies(histogram(rows, 4))
    assert found == {f"p{k}": tally_project(by_project[k], received=7) for k in range(4)}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 50), st.integers(1, 2**28))))
def test_voices_are_those_of_the_reference(rows: list[tuple[int, int, int]]) -> None:
    project, supported, persons = np.array(rows, np.int64).reshape(-1, 3).T
    found = tallies(histogram([], 3), voices=Voices(project=project, supported=supported, persons=persons))
    for k in range(3):
        by_number: Counter[int] = Counter()
        for where, number, people in rows:
            by_number[number] += people if where == k else 0
        assert found[f"p{k}"].voices == tally_project({}, voices=by_number).voices


def test_projects_come_in_byte_order() -> None:
    mixed = replace(histogram([(0, 4, 1), (1, 9, 1), (2, 16, 1)], 3), projects=["é", "a", "Z"])
    assert [(key, found.counted) for key, found in tallies(mixed).items()] == [("Z", 16), ("a", 9), ("é", 4)]


@pytest.mark.parametrize("row", [(0, LARGEST_COUNTED, 1), (0, 1, 2**32)])
def test_what_the_sums_could_not_hold_is_refused(row: tuple[int, int, int]) -> None:
    with pytest.raises(Refusal, match="no round has so much"):
        tallies(histogram([row], 1))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.one_of(st.integers(0, 9), st.integers(2**61, 2**62)))))
def test_cells_are_counted(pairs: list[tuple[int, int]]) -> None:
    project, value = np.array(pairs, np.int64).reshape(-1, 2).T
    found = zip(*(part.tolist() for part in cells(project, value)), strict=True)
    assert {(p, v): n for p, v, n in found} == Counter(pairs)
