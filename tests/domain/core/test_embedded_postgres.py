from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from abonde.core import embedded_postgres
from abonde.matching.refusal import Refusal


@pytest.fixture
def data() -> Iterator[Path]:
    place = embedded_postgres.home_of(Path(tempfile.mkdtemp(prefix="abonde-")))
    yield place
    embedded_postgres.stop(place)
    shutil.rmtree(place)


def kept(address: str) -> list[tuple[int]]:
    with psycopg.connect(address) as connection:
        return connection.execute("SELECT number FROM kept").fetchall()


def test_what_is_committed_survives_the_killing_of_the_server(data: Path) -> None:
    address = embedded_postgres.start(data)
    assert embedded_postgres.start(data) == address
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert kept(embedded_postgres.start(data)) == [(7,)]


def test_a_place_that_its_owner_alone_may_enter_does() -> None:
    """Root's own folders are such places, and PostgreSQL does not run as root."""
    closed = Path(tempfile.mkdtemp(prefix="abonde-"))
    data = closed / "postgres"
    try:
        address = embedded_postgres.start(data)
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        embedded_postgres.stop(data)
        closed.chmod(0o755)  # a door that opens later must not lead to an empty database
        assert kept(embedded_postgres.start(data)) == [(7,)]
    finally:
        embedded_postgres.stop(data)
        shutil.rmtree(embedded_postgres.home_of(data))
        shutil.rmtree(closed, ignore_errors=True)


def test_a_mark_that_another_program_inherited_is_forgotten(data: Path) -> None:
    embedded_postgres.start(data)
    embedded_postgres.stop(data)
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    embedded_postgres.start(data)
    assert embedded_postgres.is_running(data)


def test_data_of_another_major_version_is_refused(data: Path) -> None:
    embedded_postgres.start(data)
    embedded_postgres.stop(data)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(Refusal, match="made by PostgreSQL 15"):
        embedded_postgres.start(data)


def test_a_path_too_long_for_a_socket_is_refused() -> None:
    with pytest.raises(Refusal, match="ABONDE_DATA_DIR"):
        embedded_postgres.start(Path("/tmp") / ("x" * 100))
