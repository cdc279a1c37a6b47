"""The cluster kernel finds the very bits of the reference, in both forms, whatever the groups, threads and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonde.engines.kernels import cluster as cluster_kernel
from abonde.engines.kernels.cluster import LARGEST_SUM, MOST_GROUPS, cluster_support
from abonde.engines.linking import group_matrix, support_matrix
from abonde.engines.matrix import GroupMatrix, SupportMatrix
from abonde.matching import Cents, ClusterForm, Groups, Refusal
from abonde.matching.cluster import cluster_support as reference

Ballots = dict[str, dict[str, Cents]]

PROJECTS = ["apple", "bread", "cider", "dates", "elder", "figs"]
PLACES = ["north", "east", "south", "west", "centre"]
PEOPLE = [f"person-{number}" for number in range(20)]


def matrix_of(ballots: Ballots) -> SupportMatrix:
    pairs = [
        (i, PROJECTS.index(key), x) for i, ballot in enumerate(ballots.values()) for key, x in ballot.items()
    ]
    person, project, amount = np.array(pairs, np.int64).reshape(-1, 3).T
    return support_matrix(PROJECTS, person, project, amount)


def groups_of(ballots: Ballots, groups: Groups | None) -> GroupMatrix | None:
    return None if groups is None else group_matrix(list(ballots), groups)


def expected(ballots: Ballots, form: ClusterForm, groups: Groups | None) -> list[int]:
    support = reference(ballots, form=form, groups=groups)
    return [support.get(project, 0) for project in PROJECTS]


amounts = st.one_of(st.sampled_from([1, 99, 500, 1000, 5000]), st.integers(1, 10**6)).map(Cents)
rounds = st.dictionaries(
    st.sampled_from(PEOPLE), st.dictionaries(st.sampled_from(PROJECTS), amounts, min_size=1), max_size=20
)
memberships = st.none() | st.dictionaries(
    st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(PLACES)), max_size=20
)
forms = st.sampled_from(ClusterForm)


@settings(deadline=None)  # the first call compiles
@given(rounds, forms, memberships, st.integers(1, 2))
def test_same_bits_as_the_reference(
    ballots: Ballots, form: ClusterForm, groups: Groups | None, threads: int
) -> None:
    found = cluster_support(matrix_of(ballots), form=form, groups=groups_of(ballots, groups), threads=threads)
    assert found == expected(ballots, form, groups)


@settings(deadline=None)
@given(rounds, forms, memberships, st.randoms())
def test_same_bits_for_any_order_of_people(
    ballots: Ballots, form: ClusterForm, groups: Groups | None, random: st.DrawFn
) -> None:
    people = list(ballots)
    random.shuffle(people)  # type: ignore[attr-defined]
    shuffled = {person: ballots[person] for person in people}
    one, other = (
        cluster_support(matrix_of(given_in), form=form, groups=groups_of(given_in, groups))
        for given_in in (ballots, shuffled)
    )
    assert one == other


@pytest.mark.parametrize("form", ClusterForm)
@pytest.mark.parametrize("by_projects", [True, False])
def test_a_large_round_has_the_same_bits(form: ClusterForm, by_projects: bool) -> None:  # noqa: FBT001
    random = np.random.default_rng(2)
    ballots: Ballots = {
        f"person-{i}": {
            PROJECTS[p]: Cents(int(random.integers(1, 10**5)))
            for p in random.choice(6, random.integers(1, 6), replace=False)
        }
        for i in range(400)
    }
    groups = {
        person: frozenset(f"g{g}" for g in random.integers(0, 40, random.integers(0, 5)))
        for person in ballots
    }
    chosen = None if by_projects else groups
    found = cluster_support(matrix_of(ballots), form=form, groups=groups_of(ballots, chosen))
    assert found == expected(ballots, form, chosen)


@pytest.mark.parametrize("form", ClusterForm)
@pytest.mark.parametrize("x", [LARGEST_SUM // 2 - 1, LARGEST_SUM // 2, 10**11, 10**12 - 1])
def test_huge_amounts_have_the_same_bits(form: ClusterForm, x: int) -> None:
    ballots: Ballots = {
        "ada": {"apple": Cents(x), "bread": Cents(x)},
        "ben": {"apple": Cents(x), "cider": Cents(x // 2)},
    }
    for groups in (None, {"ada": frozenset({"north", "east"}), "ben": frozenset({"south"})}):
        found = cluster_support(matrix_of(ballots), form=form, groups=groups_of(ballots, groups))
        assert found == expected(ballots, form, groups)
        assert found[0] > 0


def test_huge_amounts_in_a_large_round_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_kernel, "LARGEST_BY_REFERENCE", 10)
    ballots: Ballots = {person: {"apple": Cents(10**12 - 1)} for person in PEOPLE}
    with pytest.raises(Refusal, match="check the amounts"):
        cluster_support(matrix_of(ballots), form=ClusterForm.SOFT)


def test_too_many_groups_are_refused() -> None:
    names = [f"group-{number:05d}" for number in range(MOST_GROUPS + 1)]
    groups = GroupMatrix(groups=names, start=np.array([0, 1]), group=np.zeros(1, np.int32))
    with pytest.raises(Refusal, match="5001 groups"):
        cluster_support(matrix_of({"ada": {"apple": Cents(500)}}), form=ClusterForm.SOFT, groups=groups)


@pytest.mark.parametrize("form", ClusterForm)
def test_one_group_or_nobody_brings_exactly_nothing(form: ClusterForm) -> None:
    ballots: Ballots = {person: {"apple": Cents(1000), "bread": Cents(317)} for person in PEOPLE}
    together = dict.fromkeys(PEOPLE, frozenset({"north"}))
    none = [0] * len(PROJECTS)
    assert cluster_support(matrix_of(ballots), form=form, groups=groups_of(ballots, together)) == none
    assert cluster_support(matrix_of(ballots), form=form, groups=groups_of(ballots, {})) == none
    assert cluster_support(matrix_of({}), form=form) == none
    lone: Ballots = {"ada": {"apple": Cents(1000)}}
    assert cluster_support(matrix_of(lone), form=form) == none


def test_progress_grows_to_the_whole() -> None:
    told: list[float] = []
    ballots: Ballots = {person: dict.fromkeys(PROJECTS, Cents(500)) for person in PEOPLE}
    cluster_support(matrix_of(ballots), form=ClusterForm.SOFT, threads=2, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
