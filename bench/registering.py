"""A register of half a million inhabitants: from the file to hashes, the comparison, the register; then the same once more.

python -m bench.registering [--people 500000] [--write]

Starts a durable PostgreSQL of its own. Each case runs in a fresh process: seconds by step, and its peak memory without the
server's. The file is a CSV of invented inhabitants, as `abonde.demonstration.inhabitants` writes them; the second case
brings a register up to date in which one person in fifty is new or gone. Ends with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

from bench.machine import describe_machine
from bench.report import output_option, table, write_section

SECONDS: Final = 60
MEBIBYTES: Final = 300
CASES: Final = ("first", "again")
STEPS: Final = ("bring", "read", "compare", "write")

TEXT = """A CSV of {people:,} invented inhabitants (one row in 400 cannot be used), from its upload to the written register: sealed and
looked at, read into hashes, compared in PostgreSQL, written in one transaction. The memory is the peak of the process, without the
server's. Again: one person in fifty left, another came.
"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.registering")
    options.add_argument("--people", type=int, default=500_000)
    output_option(options)
    options.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.case:
        print(json.dumps(_case(chosen.case, chosen.people)))
        return
    found = _measure(chosen.people)
    header = ("file", *STEPS, "in all", "peak memory", "entries")
    told = table(header, (_row(case, measured) for case, measured in found.items()))
    print(told)
    if chosen.write:
        write_section(
            "Registers", f"{TEXT.format(people=chosen.people)}\n{told}\nMeasured on: {describe_machine()}."
        )
    if any(_total(one) > SECONDS or one["mebibytes"] > MEBIBYTES for one in found.values()):
        sys.exit(1)


def _row(case: str, measured: dict[str, Any]) -> tuple[str, ...]:
    steps = (f"{measured[step]:.1f} s" for step in STEPS)
    return (
        case,
        *steps,
        f"{_total(measured):.1f} s",
        f"{measured['mebibytes']:.0f} MiB",
        f"{measured['entries']:,}",
    )


def _total(measured: dict[str, Any]) -> float:
    return float(sum(measured[step] for step in STEPS))


def _measure(people: int) -> dict[str, dict[str, Any]]:
    from abonde.core import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="abonde-bench-"))
    data = embedded_postgres.home_of(folder)
    environment = {
        **os.environ,
        "ABONDE_MODE": "tests",
        "ABONDE_LOG_LEVEL": "WARNING",
        "DATABASE_URL": embedded_postgres.start(data),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    try:
        return {case: _run(case, people, environment) for case in CASES}
    finally:
        embedded_postgres.stop(data)
        for place in (data, folder):
            shutil.rmtree(place, ignore_errors=True)


def _run(case: str, people: int, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.registering", "--case", case, "--people", str(people)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{case} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _case(case: str, people: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from abonde.register.models import Register, Strategy
    from tests.factories import a_register

    if case == "first":
        call_command("migrate", verbosity=0)
        a_register(strategy=Strategy.CERTIFIED)
    return _imported(Register.objects.get(), _written(case, people))


def _written(case: str, people: int) -> Iterator[bytes]:
    """The file as an upload brings it, in parts of a megabyte."""
    from abonde.demonstration.inhabitants import written_register
    from abonde.register.importing_file import PIECE

    lines: Iterator[str] = written_register(people)
    if case == "again":
        newcomers = written_register(people // 50, seed=1)
        titles = next(newcomers)
        next(lines)
        stayed = (line for number, line in enumerate(lines) if number % 50)
        lines = chain([titles], stayed, newcomers)
    part = bytearray()
    for line in lines:
        part += f"{line}\r\n".encode()
        if len(part) >= PIECE:
            yield bytes(part)
            part.clear()
    yield bytes(part)


def _imported(register: Any, parts: Iterator[bytes]) -> dict[str, Any]:  # noqa: ANN401  (models need Django's set-up)
    from abonde.register.importing import bring_file, confirm_import, name_columns
    from abonde.register.importing_difference import apply, compare
    from abonde.register.importing_file import sealed_piece
    from abonde.register.importing_layout import Layout
    from abonde.register.importing_rows import read_rows
    from abonde.register.models import Entry
    from tests.factories import the_manager

    agent, clock = the_manager(register.owner), _Clock()
    pieces = []
    for part in parts:
        clock.start()
        pieces.append(sealed_piece(part))
        clock.stop("bring")
    clock.start()
    made = bring_file(person=agent, register=register, pieces=pieces)
    clock.stop("bring")
    pieces.clear()
    named = name_columns(person=agent, import_id=made.pk, layout=Layout.from_json(made.layout))
    clock.start()
    read_rows(import_id=made.pk, reading=named.reading)
    clock.stop("read")
    clock.start()
    compare(import_id=made.pk)
    clock.stop("compare")
    clock.start()
    confirm_import(person=agent, import_id=made.pk)
    apply(import_id=made.pk)
    clock.stop("write")
    return {
        **clock.seconds,
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "entries": Entry.objects.filter(register=register, left_at=None).count(),
    }


class _Clock:
    """Seconds by step, without the time in which the invented file is written."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STEPS, 0.0)
        self._since = 0.0

    def start(self) -> None:
        self._since = time.perf_counter()

    def stop(self, step: str) -> None:
        self.seconds[step] += time.perf_counter() - self._since


if __name__ == "__main__":
    main()
