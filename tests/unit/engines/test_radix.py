from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from abonde.engines.engine import FileFormat, GiftFile
from abonde.engines.files.gift_file import inspect
from abonde.engines.files.reading import read_gifts
from abonde.engines.radix.engine import RadixEngine
from abonde.engines.radix.kernel import SHORT_RUN, exact_root, sort_run
from abonde.engines.radix.rows import plan_rows
from abonde.engines.radix.texts import number_texts
from abonde.engines.summing import ROOTED_BELOW
from abonde.matching import LARGEST_GIFT, PRESETS, UNIT, Refusal, root, tally_gifts

PLAIN = PRESETS["plain"]


def written(folder: Path, person: list[int], project: list[int], cents: list[int]) -> GiftFile:
    table = pa.table({"person": person, "project": project, "cents": cents})
    parquet.write_table(table, folder / "gifts.parquet")
    return inspect(folder / "gifts.parquet")


def agrees(gifts: GiftFile) -> bool:
    return RadixEngine(threads=2).tally(gifts, PLAIN) == tally_gifts(read_gifts(gifts), PLAIN)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab\x00é", max_size=3)))
def test_equal_texts_have_equal_numbers_and_others_have_not(texts: list[str]) -> None:
    column = pa.chunked_array([texts[: len(texts) // 2], texts[len(texts) // 2 :]], pa.string())
    numbers, firsts = number_texts(column, threads=2)
    assert [texts[firsts[number]] for number in numbers] == texts
    assert len(firsts) == len(set(texts))
    assert set(numbers.tolist()) == set(range(len(firsts)))


def test_texts_of_one_bucket_and_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"person {k % 90}" for k in range(300)]

    def no_hash(starts, data, first, last, hashed, sizes, byte_sizes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001, PLR0913, PLR0917
        for row in range(first, last):
            hashed[row] = row
            sizes[0] += 1
            byte_sizes[0] += starts[row + 1] - starts[row]

    monkeypatch.setattr("abonde.engines.radix.texts._hash", no_hash)
    numbers, firsts = number_texts(pa.chunked_array([texts]), threads=1)
    assert [texts[firsts[number]] for number in numbers] == texts
    assert len(firsts) == 90


@pytest.mark.parametrize("size", [0, 1, SHORT_RUN, SHORT_RUN + 1, 5000])
def test_runs_are_sorted(size: int) -> None:
    run = np.array([Random(size).randrange(2**64) for _ in range(size)], np.uint64)
    expected = sorted(run.tolist())
    sort_run(run)
    assert run.tolist() == expected


def test_amounts_are_encoded_when_nothing_else_makes_a_row_fit(tmp_path: Path) -> None:
    chance, size = Random(1), 3000
    person = [chance.randrange(-(2**62), 2**62) for _ in range(size // 2)] * 2
    project = [chance.randrange(2**60) for _ in range(size)]
    cents = [chance.choice([500, LARGEST_GIFT // 1000, 7, 1999]) for _ in range(size)]
    few = written(tmp_path, person, project, cents)
    assert agrees(few)
    parquet.write_table(
        pa.table({"person": person, "project": project, "cents": [LARGEST_GIFT, *cents[1:]]}), few.path
    )
    assert agrees(few)


def test_what_does_not_fit_in_64_bits_says_which_engine_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abonde.engines.radix.rows.BITS", 20)
    gifts = written(tmp_path, list(range(2000)), list(range(2000)), list(range(1, 2001)))
    with pytest.raises(Refusal) as refused:
        RadixEngine(threads=1).tally(gifts, PLAIN)
    assert str(refused.value) == (
        f"{gifts.path} has too many people, projects and amounts for 64 bits a row; use the duckdb engine."
    )


def test_more_money_than_a_word_holds_beside_a_project_is_refused(tmp_path: Path) -> None:
    projects = 1 << 19
    cents = [LARGEST_GIFT if k % 8 == 0 else 1 for k in range(projects)]
    gifts = written(tmp_path, [1] * projects, list(range(projects)), cents)
    with pytest.raises(Refusal, match="holds too much money for 64 bits; use the duckdb engine"):
        RadixEngine(threads=1).tally(gifts, PLAIN)


def test_identifiers_in_a_pattern_still_spread_over_the_buckets(tmp_path: Path) -> None:
    person = [k << 30 for k in range(4000)]
    gifts = written(tmp_path, person, [k % 3 for k in range(4000)], [k % 900 + 1 for k in range(4000)])
    assert plan_rows(gifts, threads=1, labelled=False).person.bits == 42
    assert agrees(gifts)


def test_one_person_with_most_of_the_gifts(tmp_path: Path) -> None:
    chance = Random(2)
    person = [0 if chance.random() < 0.9 else chance.randrange(1000) for _ in range(20_000)]
    project = [chance.randrange(50) for _ in person]
    assert agrees(written(tmp_path, person, project, [chance.randrange(1, 10**6) for _ in person]))


@settings(deadline=None)
@given(
    st.one_of(
        st.integers(1, ROOTED_BELOW - 1),
        st.integers(2, 2**22 - 1).flatmap(lambda side: st.integers(side * side - 1, side * side + 1)),
    )
)
def test_the_root_of_the_compiled_loop_is_exact(x: int) -> None:
    assert exact_root(np.int64(x)) == (root(x), x * UNIT - root(x) ** 2)


def test_amounts_that_no_double_can_root(tmp_path: Path) -> None:
    many = [LARGEST_GIFT - k for k in range(20)]
    assert sum(many) > ROOTED_BELOW
    person = [0] * len(many) + [1, 2, 1]
    project = [0] * len(many) + [0, 1, 1]
    assert agrees(written(tmp_path, person, project, [*many, 7, 100, 3]))


def test_csv_is_for_another_engine(tmp_path: Path) -> None:
    gifts = GiftFile(path=tmp_path / "gifts.csv", format=FileFormat.CSV)
    with pytest.raises(Refusal, match="is CSV; the radix engine reads Parquet, use the duckdb engine"):
        RadixEngine().tally(gifts, PLAIN)


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    RadixEngine(threads=1).tally(written(tmp_path, [1, 2], [1, 1], [5, 5]), PLAIN, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
