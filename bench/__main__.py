"""`make bench`: measure the engines, and write their sections of docs/benchmarks.md with the machine described.

python -m bench [--most-gifts 1e8] [--most-people 1e6]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from bench.machine import describe_machine
from bench.measure import Measured, compare, measure
from bench.report import REPORT, Row, table, write_section

SLOWEST_ALTERNATIVE_GIFTS = 10**6
MEASURED_THRICE_UP_TO = 10**7
THREADS = 2


def main() -> None:
    """Measure everything and write the report."""
    options = argparse.ArgumentParser(
        prog="python -m bench", description="Measure the mechanism and its engines."
    )
    options.add_argument("--most-gifts", type=lambda text: int(float(text)), default=10**8)
    options.add_argument("--most-people", type=lambda text: int(float(text)), default=10**6)
    chosen = options.parse_args()
    gifts = _powers(10**4, chosen.most_gifts)
    people = _powers(10**3, chosen.most_people)
    for title, text, header, rows in (
        ("Against a named alternative", RATIOS, ("work", "ours", "alternative", "times faster"), _ratios()),
        ("How counting grows", COUNTING, ("gifts", "radix", "DuckDB", "in memory"), _counting(gifts)),
        ("How pairwise grows", PAIRWISE, ("people", "kernel"), _pairwise(people)),
    ):
        write_section(title, f"{text}\n{table(header, rows)}\nMeasured on: {describe_machine()}.")
    _say(f"written to {REPORT}")


def _ratios() -> Iterator[Row]:
    yield _row(
        "count 10⁶ gifts: radix, or a dict of dicts",
        ("count-radix", 10**6, "numbers", 2),
        ("count-dicts", 10**6, "numbers"),
    )
    yield _row(
        "count 10⁷ gifts: radix, or DuckDB",
        ("count-radix", 10**7, "numbers", 2),
        ("count-duckdb", 10**7, "numbers", 2),
    )
    yield _row(
        "count 10⁷ gifts, identifiers as text: radix, or DuckDB",
        ("count-radix", 10**7, "text", 2),
        ("count-duckdb", 10**7, "text", 2),
    )
    yield _row(
        "count 10⁷ gifts by radix: two threads, or one",
        ("count-radix", 10**7, "numbers", 2),
        ("count-radix", 10**7, "numbers", 1),
    )
    yield _row(
        "pairwise, 10³ people: kernel, or a dict of dicts", ("pairwise", 10**3, 2), ("pairwise-dicts", 10**3)
    )
    yield _row(
        "pairwise, 5·10³ people: kernel, or dense NumPy", ("pairwise", 5_000, 2), ("pairwise-dense", 5_000)
    )
    yield _row("pairwise, 10⁵ people: two threads, or one", ("pairwise", 10**5, 2), ("pairwise", 10**5, 1))
    yield _row(
        "soft cluster, 10⁵ people, 300 groups: kernel, or dense NumPy",
        ("soft-cluster", 10**5, 300, 2),
        ("soft-cluster-dense", 10**5, 300),
    )
    yield _row(
        "soft cluster, 10⁶ people, 300 groups: two threads, or one",
        ("soft-cluster", 10**6, 300, 2),
        ("soft-cluster", 10**6, 300, 1),
    )
    yield _row(
        "share a pot among 10⁴ projects with ceilings: one pass, or round after round",
        ("share", 10**4, "exact"),
        ("share", 10**4, "rounds"),
    )
    yield _row(
        "one more gift, estimates of 10⁴ projects: live state, or allocate again",
        ("estimate", 10**4, "live"),
        ("estimate", 10**4, "again"),
    )


def _counting(sizes: Sequence[int]) -> Iterator[Row]:
    for size in sizes:
        times = 1 if size > MEASURED_THRICE_UP_TO else 3
        radix = measure("count-radix", size, "numbers", THREADS, processes=times)
        duckdb = measure("count-duckdb", size, "numbers", THREADS, processes=times)
        memory = str(measure("count-memory", size, "numbers")) if size <= SLOWEST_ALTERNATIVE_GIFTS else "–"
        yield _said((f"{size:,}", str(radix), str(duckdb), memory))


def _pairwise(sizes: Sequence[int]) -> Iterator[Row]:
    for size in sizes:
        yield _said((f"{size:,}", str(measure("pairwise", size, THREADS))))


def _row(work: str, ours: tuple[object, ...], alternative: tuple[object, ...]) -> Row:
    one, other = compare(ours, alternative)
    return _said((work, str(one), str(other), _ratio(one, other)))


def _ratio(ours: Measured, alternative: Measured) -> str:
    ratio = alternative.seconds / ours.seconds
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _powers(smallest: int, largest: int) -> list[int]:
    sizes = [smallest]
    while sizes[-1] * 10 <= largest:
        sizes.append(sizes[-1] * 10)
    return sizes


def _said(row: Row) -> Row:
    _say(" | ".join(row))
    return row


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


RATIOS = "How many times faster than what one would write first, or than the same with one thread.\n"
COUNTING = "From a Parquet file (numbers as identifiers, 1,000 projects) to the tally of every project, two threads.\n"
PAIRWISE = "From the ballots (2.8 of 1,000 projects per person) to the support of every project, two threads; the work is quadratic in people.\n"

if __name__ == "__main__":
    main()
