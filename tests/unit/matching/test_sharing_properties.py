"""What holds for every pot that is shared out, and for every statement that follows."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abonde.matching import largest_remainder, share_out
from abonde.matching.statements import split_exactly

rule = pytest.mark.rule

raws = st.sampled_from([0, 0, 1, 2, 3, 7]) | st.integers(0, 10**30)
ceilings = st.none() | st.integers(0, 50) | st.integers(0, 10**9)
vessels = st.lists(st.tuples(raws, ceilings), max_size=12)
pots = st.integers(0, 100) | st.integers(0, 10**9)


@rule("promise.conservation", "sharing.level", "sharing.unspent")
@given(pots, vessels)
@example(0, [])
@example(100, [])
@example(0, [(3, None)])
@example(100, [(0, None), (0, 5)])
def test_whole_pot(pot: int, vessels: list[tuple[int, int | None]]) -> None:
    """Conservation, ceilings, and λ maximal: money is left only where nobody may take it."""
    shared = share_out(pot, [raw for raw, _ in vessels], [top for _, top in vessels])
    assert sum(shared.cents) + shared.unspent == pot
    assert shared.unspent >= 0
    for (raw, top), cents in zip(vessels, shared.cents, strict=True):
        assert cents >= 0
        assert top is None or cents <= top
        assert raw or not cents
        assert not shared.unspent or not raw or cents == top


@rule("sharing.level", "cents.largest-remainder")
@given(pots, vessels)
def test_one_level_for_all(pot: int, vessels: list[tuple[int, int | None]]) -> None:
    """Everyone below the ceiling gets λ·raw to within a cent, and λ·raw of the others would be above theirs."""
    shared = share_out(pot, [raw for raw, _ in vessels], [top for _, top in vessels])
    if not any(raw and not full for (raw, _), full in zip(vessels, shared.at_ceiling, strict=True)):
        return
    level = Fraction(shared.left, shared.rest)
    for (raw, top), cents, full in zip(vessels, shared.cents, shared.at_ceiling, strict=True):
        if full:
            assert top is not None
            assert cents == top <= level * raw
        else:
            assert abs(cents - level * raw) < 1


@rule("sharing.no-redistribution")
@given(pots, vessels)
def test_without_redistribution(pot: int, vessels: list[tuple[int, int | None]]) -> None:
    raw = [support for support, _ in vessels]
    shared = share_out(pot, raw, [top for _, top in vessels], redistribute=False)
    assert sum(shared.cents) + shared.unspent == pot
    for (support, top), cents in zip(vessels, shared.cents, strict=True):
        before = Fraction(pot * support, sum(raw)) if support else Fraction(0)
        if top is not None and before >= top:
            assert cents == top
        else:
            assert abs(cents - before) < 1


@rule("sharing.unspent")
@given(st.lists(st.tuples(st.integers(1, 10**20), st.integers(0, 10**6)), max_size=9), st.integers(0, 10**6))
def test_infeasible_ceilings(vessels: list[tuple[int, int]], more: int) -> None:
    tops = [top for _, top in vessels]
    shared = share_out(sum(tops) + more, [raw for raw, _ in vessels], tops)
    assert shared.cents == tops
    assert shared.unspent == more


@rule("limits.absent")
@given(pots, st.lists(st.integers(1, 10**20), min_size=1, max_size=9))
def test_an_absent_ceiling_is_not_a_ceiling_of_zero(pot: int, raw: list[int]) -> None:
    free, shut = share_out(pot, raw, [None] * len(raw)), share_out(pot, raw, [0] * len(raw))
    assert (sum(free.cents), free.unspent) == (pot, 0)
    assert (sum(shut.cents), shut.unspent) == (0, pot)


@rule("cents.largest-remainder", "cents.ties")
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_largest_remainder(total: int, weights: list[int]) -> None:
    cents, whole = largest_remainder(total, weights), sum(weights)
    assert sum(cents) == (total if whole else 0)
    if not whole:
        return
    exact = [Fraction(total * weight, whole) for weight in weights]
    assert all(abs(got - share) < 1 for got, share in zip(cents, exact, strict=True))
    raised = [
        (share % 1, -place)
        for place, (got, share) in enumerate(zip(cents, exact, strict=True))
        if got > share
    ]
    floored = [
        (share % 1, -place)
        for place, (got, share) in enumerate(zip(cents, exact, strict=True))
        if got <= share
    ]
    assert not raised or not floored or min(raised) > max(floored)


@rule("promise.renaming", "cents.ties")
@given(pots, st.lists(st.tuples(raws, ceilings), max_size=12), st.randoms(use_true_random=False))
def test_order_only_moves_the_last_cent(
    pot: int, vessels: list[tuple[int, int | None]], chance: Random
) -> None:
    places = sorted(range(len(vessels)), key=lambda _: chance.random())
    one = share_out(pot, [raw for raw, _ in vessels], [top for _, top in vessels])
    other = share_out(pot, [vessels[p][0] for p in places], [vessels[p][1] for p in places])
    assert one.unspent == other.unspent
    for now, p in enumerate(places):
        assert abs(other.cents[now] - one.cents[p]) <= 1
        assert vessels.count(vessels[p]) > 1 or other.at_ceiling[now] == one.at_ceiling[p]


def money_tables() -> st.SearchStrategy[tuple[list[int], list[int]]]:
    """Row and column sums of one total: up to 60 projects by 8 funders, with nothing from some."""
    amounts = st.integers(0, 3) | st.integers(0, 10**7)

    def balanced(rows: list[int], weights: list[int]) -> tuple[list[int], list[int]]:
        columns = largest_remainder(sum(rows), weights)
        columns[0] += sum(rows) - sum(columns)
        return rows, columns

    return st.builds(balanced, st.lists(amounts, max_size=60), st.lists(amounts, min_size=1, max_size=8))


@rule("statements.exact", "statements.cell")
@given(money_tables())
def test_statement_tables(sums: tuple[list[int], list[int]]) -> None:
    rows, columns = sums
    cells, total = split_exactly(rows, columns), sum(rows)
    assert [sum(line) for line in cells] == rows
    assert [sum(line[c] for line in cells) for c in range(len(columns))] == columns
    for row, line in zip(rows, cells, strict=True):
        for column, cell in zip(columns, line, strict=True):
            share = Fraction(row * column, total) if total else Fraction(0)
            assert cell >= 0
            assert abs(cell - share) < 1


@rule("statements.exact")
def test_statements_of_a_large_pot() -> None:
    chance = Random(7)
    rows = [chance.randrange(10**6) for _ in range(2000)]
    columns = largest_remainder(sum(rows), [n * n + 1 for n in range(20)])
    start = perf_counter()
    cells = split_exactly(rows, columns)
    assert perf_counter() - start < 5
    assert [sum(line) for line in cells] == rows
    assert [sum(column) for column in zip(*cells, strict=True)] == columns
