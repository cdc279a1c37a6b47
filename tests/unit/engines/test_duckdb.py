from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from abonde.engines.duckdb_engine import DuckDBEngine
from abonde.engines.files.gift_file import inspect
from abonde.engines.files.reading import read_gifts
from abonde.matching import LARGEST_GIFT, PRESETS, Mechanism, Refusal, tally_gifts

PLAIN = PRESETS["plain"]


def test_what_does_not_fit_in_memory_goes_to_the_temporary_folder_which_is_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abonde.engines.duckdb_engine.TOLD_EVERY", 0.01)
    rows = 400_000
    persons = [f"a person with a long identifier, number {k * 7919 % rows:09}" for k in range(rows)]
    table = pa.table(
        {"person": persons, "project": ["p1", "p2"] * (rows // 2), "cents": pa.array(range(1, rows + 1))}
    )
    parquet.write_table(table, tmp_path / "gifts.parquet")
    gifts = inspect(tmp_path / "gifts.parquet")
    spill = tmp_path / "spill"
    spill.mkdir()
    engine = DuckDBEngine(threads=1, memory_limit="50MB", temp_directory=spill)
    told: list[float] = []
    spilled: set[str] = set()

    def progress(part: float) -> None:
        told.append(part)
        spilled.update(file.suffix for file in spill.rglob("*"))

    found = engine.tally(gifts, PLAIN, progress=progress)
    assert ".tmp" in spilled
    assert told
    assert all(0 <= part <= 1 for part in told)
    assert found["p1"].persons == found["p2"].persons == rows // 2
    assert found["p1"].received + found["p2"].received == rows * (rows + 1) // 2
    assert list(spill.iterdir()) == []


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    rows = 300_000
    table = pa.table(
        {"person": [f"{k:032}" for k in range(rows)], "project": ["p"] * rows, "cents": [5] * rows}
    )
    parquet.write_table(table, tmp_path / "gifts.parquet")
    with pytest.raises(Refusal, match="raise memory_limit"):
        DuckDBEngine(threads=1, memory_limit="1MB").tally(inspect(tmp_path / "gifts.parquet"), PLAIN)


def test_names_of_files_and_columns_are_quoted(tmp_path: Path) -> None:
    folder = tmp_path / "l'été"
    folder.mkdir()
    path = folder / 'a "b" c.csv'
    path.write_text('"who\'s ""who""";project;cents\nAna;p;5\n', encoding="utf-8")
    gifts = inspect(path, person='who\'s "who"')
    assert DuckDBEngine(threads=1).tally(gifts, PLAIN) == tally_gifts(read_gifts(gifts), PLAIN)
    parquet.write_table(
        pa.table({'who\'s "who"': ["Ana"], "project": ["p"], "cents": [5]}), folder / "it's.parquet"
    )
    gifts = inspect(folder / "it's.parquet", person='who\'s "who"')
    assert DuckDBEngine(threads=1).tally(gifts, PLAIN) == tally_gifts(read_gifts(gifts), PLAIN)


@pytest.mark.parametrize("mechanism", [Mechanism.QUADRATIC, Mechanism.HEADS])
def test_a_sum_beyond_64_bits_is_refused_and_never_wrapped(tmp_path: Path, mechanism: Mechanism) -> None:
    rows = 9_300_000
    one = pa.chunked_array([pa.array([0] * 100_000, pa.int32())] * (rows // 100_000))
    cents = pa.chunked_array([pa.array([LARGEST_GIFT] * 100_000)] * (rows // 100_000))
    parquet.write_table(pa.table({"person": one, "project": one, "cents": cents}), tmp_path / "gifts.parquet")
    gifts = inspect(tmp_path / "gifts.parquet")
    with pytest.raises(Refusal, match="more money than 64 bits hold"):
        DuckDBEngine(threads=2).tally(gifts, PLAIN.with_mechanism(mechanism))
