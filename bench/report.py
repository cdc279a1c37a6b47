"""docs/benchmarks.md: one file, of which each measure writes its own sections anew and leaves the others alone."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

REPORT: Final = Path("docs/benchmarks.md")

Row = Sequence[str]


def output_option(options: argparse.ArgumentParser) -> None:
    """The option of measures that print unless they are told to write."""
    options.add_argument("--write", action="store_true", help=f"write the section in {REPORT} too")


def write_section(title: str, text: str, report: Path = REPORT) -> None:
    """Put the section in the place of the one with this title, or at the end."""
    before = report.read_text(encoding="utf-8")
    section = f"## {title}\n\n{text.strip()}\n"
    place = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if place.search(before):
        after = place.sub(lambda _: section + "\n", before)
    else:
        after = f"{before.rstrip()}\n\n{section}"
    report.write_text(after.rstrip() + "\n", encoding="utf-8")


def table(header: Row, rows: Iterable[Row]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *rows]) + "\n"
