from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from abonde.engines.choosing import engine_for
from abonde.engines.engine import FileFormat, GiftFile


@pytest.mark.parametrize(
    ("form", "size", "name"),
    [(FileFormat.CSV, 100, "memory"), (FileFormat.CSV, 10**8, "duckdb"), (FileFormat.PARQUET, 100, "radix")],
)
def test_the_engine_suits_the_file(tmp_path: Path, form: FileFormat, size: int, name: str) -> None:
    path = tmp_path / f"gifts.{form}"
    with path.open("wb") as file:
        file.truncate(size)
    assert engine_for(GiftFile(path=path, format=form)).name == name


def test_a_small_csv_loads_no_engine_but_its_own(tmp_path: Path) -> None:
    path = tmp_path / "gifts.csv"
    path.write_text("person,project,cents\nAna,p,5\n", encoding="utf-8")
    program = (
        "import sys; from pathlib import Path\n"
        "from abonde.engines.choosing import engine_for; from abonde.engines.files.gift_file import inspect\n"
        "from abonde.matching import PRESETS\n"
        f"gifts = inspect(Path({str(path)!r})); engine_for(gifts).tally(gifts, PRESETS['plain'])\n"
        "print(sorted({'duckdb', 'numba', 'pyarrow', 'pyspark'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
