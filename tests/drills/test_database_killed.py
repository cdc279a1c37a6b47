"""kill -9 of PostgreSQL while payments settle: what was told to be settled is, nothing is doubled, the rest goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from abonde.core import embedded_postgres

TREE = Path(__file__).parents[2]
PAYMENTS = 60
TOLD_BEFORE = 12


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder for a server with the durability of production."""
    with tempfile.TemporaryDirectory(prefix="abonde-") as folder:
        place = embedded_postgres.home_of(Path(folder) / "pg")
        yield place
        embedded_postgres.stop(place)


def begin(address: str, *what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.drills.settling_many", *what],
        cwd=TREE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(address: str, *what: str) -> str:
    process = begin(address, *what)
    said, complained = process.communicate()
    assert process.returncode == 0, complained
    return said


def kill_server(data: Path) -> None:
    server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    # The parent first: it would end the others in order, and start a recovery of its own.
    for process in [server, *server.children(recursive=True)]:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def test_a_killed_database_loses_and_doubles_nothing(data: Path) -> None:
    address = embedded_postgres.start(data)
    run(address, "prepare", str(PAYMENTS))
    settling = begin(address, "settle")
    assert settling.stdout is not None
    told = [settling.stdout.readline().strip() for _ in range(TOLD_BEFORE)]
    kill_server(data)
    told += settling.communicate()[0].split()
    embedded_postgres.start(data)
    after: dict[str, Any] = json.loads(run(address, "check"))
    assert set(told) <= set(after["settled"]), "what was told to be settled is settled"
    assert len(after["settled"]) < PAYMENTS, "the server was killed in the midst"
    sound(after)
    run(address, "settle")
    end = json.loads(run(address, "check"))
    assert len(end["settled"]) == PAYMENTS
    sound(end)


def sound(found: dict[str, Any]) -> None:
    assert found["received"] == found["cents"]
    assert found["movements"] == found["letters"] == len(found["settled"])
    assert found["faults"] == found["differences"] == []
