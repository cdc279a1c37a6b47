"""The tables of docs/design/mechanism.md, as the document shows them to people."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from abonde.matching import Cents, Rules, cents_of_euros, read_rules

PATH = Path(__file__).parents[3] / "docs" / "design" / "mechanism.md"
TEXT = PATH.read_text(encoding="utf-8")
RULES = re.findall(r"\*\*Rule ([a-z.-]+)\*\*", TEXT)
NONE = "none"

Row = Mapping[str, str]


def _tables(text: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for name, table in re.findall(r"<!-- example: ([a-z-]+) -->\n((?:\|.*\n)+)", text):
        header, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
        assert name not in found, name
        found[name] = [dict(zip(header, row, strict=True)) for row in rows]
    return found


TABLES = _tables(TEXT)


def cents(written: str) -> Cents:
    return cents_of_euros(written)


def signed_cents(written: str) -> int:
    return cents(written[1:]) * (-1 if written[0] == "-" else 1)


def optional_cents(written: str) -> Cents | None:
    return None if written == NONE else cents(written)


def parts(written: str) -> list[str]:
    return [part.strip() for part in written.split(",")]


def amounts(written: str) -> list[Cents]:
    """The cents of `3 + 3` or of `10 × 5`."""
    if "×" in written:
        times, each = written.split("×")
        return [cents(each)] * int(times)
    return [cents(amount) for amount in written.split("+")]


def written_rules(toml: str, preset: str = "plain") -> Rules:
    values: dict[str, Any] = tomllib.loads(toml.replace("; ", "\n"), parse_float=Decimal)
    return read_rules({"preset": preset, **values})
