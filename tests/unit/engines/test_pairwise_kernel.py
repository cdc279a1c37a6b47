"""The pairwise kernel finds the very bits of the reference, however the people are ordered and the work is cut."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonde.engines.kernels.pairwise import pairwise_support, support_of_block, total_support
from abonde.engines.kernels.pairwise_layout import NARROW_BELOW, PairwiseLayout, distinct_rows, lay_out
from abonde.engines.linking import support_matrix
from abonde.engines.matrix import SupportMatrix
from abonde.matching import Cents, Refusal
from abonde.matching.pairwise import pairwise_support as reference

Ballots = list[dict[str, Cents]]

PROJECTS = ["apple", "bread", "cider", "dates", "elder", "figs", "grape"]


def matrix_of(ballots: Ballots) -> SupportMatrix:
    pairs = [(i, PROJECTS.index(key), x) for i, ballot in enumerate(ballots) for key, x in ballot.items()]
    person, project, amount = np.array(pairs, np.int64).reshape(-1, 3).T
    return support_matrix(PROJECTS, person, project, amount)


def expected(ballots: Ballots, m: int) -> list[int]:
    support: Mapping[str, int] = reference({f"person-{i}": b for i, b in enumerate(ballots)}, m=Cents(m))
    return [support.get(project, 0) for project in PROJECTS]


def block_by_block(layout: PairwiseLayout) -> list[int]:
    parts = [support_of_block(layout, block) for block in range(layout.blocks)]
    empty = np.zeros(len(PROJECTS), np.int64)
    return total_support(
        layout, sum((low for low, _ in parts), empty), sum((high for _, high in parts), empty)
    )


amounts = st.one_of(
    st.sampled_from([1, 500, 1000, 2000, 5000]),
    st.integers(1, 100_000),
    st.sampled_from([NARROW_BELOW - 1, NARROW_BELOW, 10**11, 10**12 - 1]),
).map(Cents)
rounds = st.lists(st.dictionaries(st.sampled_from(PROJECTS), amounts, min_size=1), max_size=25)
m_in_use = st.sampled_from([1, 2500, NARROW_BELOW - 1, NARROW_BELOW, 10**11])


@settings(deadline=None)  # the first call compiles
@given(rounds, m_in_use, st.integers(1, 2))
def test_same_bits_as_the_reference(ballots: Ballots, m: int, threads: int) -> None:
    assert pairwise_support(matrix_of(ballots), m=Cents(m), threads=threads) == expected(ballots, m)


@settings(deadline=None)  # the first call compiles
@given(
    rounds, m_in_use, st.sampled_from([1, 2, 7]), st.sampled_from([1, 3, 512]), st.sampled_from([0, 1, 3, 16])
)
def test_same_bits_for_any_tile_block_and_number_of_run_columns(
    ballots: Ballots, m: int, tile: int, block: int, run_columns: int
) -> None:
    layout = lay_out(matrix_of(ballots), m=Cents(m), tile=tile, block=block, run_columns=run_columns)
    assert block_by_block(layout) == expected(ballots, m)


@settings(deadline=None)  # the first call compiles
@given(rounds.flatmap(lambda ballots: st.tuples(st.just(ballots), st.permutations(ballots))))
def test_same_bits_for_any_order_of_people(both: tuple[Ballots, Ballots]) -> None:
    ballots, shuffled = both
    layout, other = (lay_out(matrix_of(people), m=Cents(2500), tile=4) for people in (ballots, shuffled))
    assert block_by_block(layout) == block_by_block(other)


@settings(max_examples=20, deadline=None)
@given(rounds, st.integers(2, 5))
def test_people_with_the_same_ballot_are_laid_out_once_and_counted_each(ballots: Ballots, times: int) -> None:
    matrix = matrix_of(ballots * times)
    layout = lay_out(matrix, m=Cents(2500))
    distinct = {tuple(sorted(ballot.items())) for ballot in ballots}
    assert len(layout.times) == len(distinct)
    assert layout.times.sum() == len(ballots) * times
    assert block_by_block(layout) == expected(ballots * times, 2500)


def test_a_collision_of_hashes_only_parts_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    ballots: Ballots = [{"apple": Cents(500)}, {"bread": Cents(500)}, {"apple": Cents(500)}] * 3
    matrix = matrix_of(ballots)
    monkeypatch.setattr(
        "abonde.engines.kernels.pairwise_layout._hashes",
        lambda start, *_: np.zeros(len(start) - 1, np.uint64),
    )
    rows, times = distinct_rows(matrix.start, matrix.project, matrix.amount)
    assert len(rows) > 2
    assert times.sum() == len(ballots)
    assert pairwise_support(matrix, m=Cents(2500)) == expected(ballots, 2500)


@pytest.mark.parametrize(
    ("x", "m", "people", "wide"),
    [
        (NARROW_BELOW - 1, 10**11, 3, False),
        (NARROW_BELOW, 10**11, 3, True),
        (10**11, NARROW_BELOW - 1, 3, False),  # a term is below M too
        (
            NARROW_BELOW - 1,
            10**11,
            3000,
            True,
        ),  # one tile holds them all, and their sum has more than 62 bits
        (10**12, 10**12, 40, True),
    ],
)
def test_large_terms_are_summed_in_two_halves(x: int, m: int, people: int, wide: bool) -> None:  # noqa: FBT001
    # Few kinds of ballots keep the reference quick: its sum over pairs is written out by kinds.
    ballots: Ballots = [{"apple": Cents(x)}, {"apple": Cents(x), "bread": Cents(x - 1)}, {"bread": Cents(7)}]
    layout = lay_out(matrix_of(ballots * people), m=Cents(m))
    assert layout.wide is wide
    once, twice = expected(ballots, m), expected(ballots * 2, m)
    pairs_of_kinds = [a * people**2 for a in once]
    pairs_alike = [(b - 4 * a) // 2 * (people * (people - 1)) for a, b in zip(once, twice, strict=True)]
    assert block_by_block(layout) == [a + b for a, b in zip(pairs_of_kinds, pairs_alike, strict=True)]


def test_what_could_overflow_is_refused() -> None:
    one_project = SupportMatrix(
        projects=["apple"],
        start=np.arange(4097, dtype=np.int64),
        project=np.zeros(4096, np.int32),
        amount=np.full(4096, 10**12, np.int64),
    )
    with pytest.raises(Refusal, match="4096 people with gifts of up to 1000000000000 cents"):
        pairwise_support(one_project, m=Cents(10**12))


def test_nobody_and_one_person_bring_nothing() -> None:
    assert pairwise_support(matrix_of([]), m=Cents(2500)) == [0] * len(PROJECTS)
    alone = matrix_of([{"apple": Cents(1000), "figs": Cents(2000)}])
    assert pairwise_support(alone, m=Cents(2500)) == [0] * len(PROJECTS)
    nothing = SupportMatrix(
        projects=[], start=np.zeros(1, np.int64), project=np.zeros(0, np.int32), amount=np.zeros(0, np.int64)
    )
    assert pairwise_support(nothing, m=Cents(2500)) == []


def test_the_layout_travels() -> None:
    ballots: Ballots = [{"apple": Cents(500), "bread": Cents(100 * k)} for k in range(1, 30)]
    layout = lay_out(matrix_of(ballots), m=Cents(2500), tile=8, block=4)
    assert block_by_block(pickle.loads(pickle.dumps(layout))) == expected(ballots, 2500)


def test_progress_grows_to_the_whole() -> None:
    told: list[float] = []
    ballots: Ballots = [{"apple": Cents(k), "bread": Cents(k)} for k in range(1, 1500)]
    pairwise_support(matrix_of(ballots), m=Cents(2500), threads=2, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
