"""Time and peak memory of a case, each in a fresh process, and two cases in turn when they are compared."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Median seconds of the work, and the peak resident memory of its process in MiB (data and libraries included)."""

    seconds: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{time_in_words(self.seconds)}, {self.peak_mib:,.0f} MiB"


def time_in_words(seconds: float) -> str:
    """Three significant digits in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def measure(case: str, *arguments: object, processes: int = 1) -> Measured:
    """Run a case in fresh processes, one after the other."""
    return _median([_run(case, arguments) for _ in range(processes)])


def compare(
    one: tuple[object, ...], other: tuple[object, ...], *, processes: int = 3
) -> tuple[Measured, Measured]:
    """Run two cases in turn (one, other, one, other, …), so that a drifting machine is fair to both."""
    ones, others = [], []
    for _ in range(processes):
        ones.append(_run(str(one[0]), one[1:]))
        others.append(_run(str(other[0]), other[1:]))
    return _median(ones), _median(others)


def _median(runs: list[Measured]) -> Measured:
    return Measured(
        statistics.median(run.seconds for run in runs), statistics.median(run.peak_mib for run in runs)
    )


def _run(case: str, arguments: tuple[object, ...]) -> Measured:
    command = [sys.executable, "-m", "bench.case", case, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:])} failed:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return Measured(statistics.median(answer["seconds"]), answer["peak_mib"])
