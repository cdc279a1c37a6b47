"""Rules and pots as people write them: TOML files, and pots on the command line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from abonde.matching import PRESETS, Earmark, Pot, Refusal, Refusals, Rules, cents_of_euros, read_rules

ONLY_POT: Final = "pot"
"""The key of a pot, and of its funder, that is given by its amount alone."""

_PLACE_IN_TOML = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)


def rules_from(path: Path | None) -> Rules:
    """The rules of a TOML file, or of the preset of that name; without one, those of the guarded preset."""
    if path is None:
        return read_rules({})
    if str(path) in PRESETS and not path.exists():
        return PRESETS[str(path)]
    try:
        return read_rules(read_toml(path))
    except Refusals as found:
        raise Refusals([_in_file(path, refusal) for refusal in found.refusals]) from None


def pots_from(path: Path | None, written: Sequence[str]) -> list[Pot]:
    """The pots of a TOML file, then those of the command line."""
    refusals: list[Refusal] = []
    pots: list[Pot] = []
    tables = [] if path is None else _pot_tables(path)
    for place, table in enumerate(tables, start=1):
        try:
            pots.append(_pot(table))
        except Refusal as refusal:
            refusals.append(
                Refusal("{file}, pot {place}: {problem}", file=path, place=place, problem=refusal)
            )
    for text in written:
        try:
            pots.append(read_pot(text))
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise Refusals(refusals)
    if not pots:
        raise Refusal("Say how much money the fund holds: --pot 10000, or --pots with a file.")
    return pots


def read_pot(text: str) -> Pot:
    """A pot from `AMOUNT` or `NAME=AMOUNT`, with `@challenge=…,place=…` behind it for an earmark."""
    money, _, marks = text.partition("@")
    name, equals, amount = money.rpartition("=")
    key = name.strip() if equals else ONLY_POT
    if not key:
        raise Refusal("--pot {text}: write a name before the =, such as region=10000.", text=text)
    earmark: dict[str, str] = {}
    for mark in filter(None, marks.split(",")):
        kind, _, value = (part.strip() for part in mark.partition("="))
        if kind not in ("challenge", "place") or not value or kind in earmark:
            raise Refusal(
                "--pot {text}: {mark!r} is not an earmark; write @challenge=… or @place=… or @challenge=…,place=….",
                text=text,
                mark=mark,
            )
        earmark[kind] = value
    cents = cents_of_euros(amount, what=f"--pot {text}")
    if not cents:
        raise Refusal("--pot {text}: 0 € leaves nothing to share out; write an amount above 0.", text=text)
    return Pot(key=key, funders={key: cents}, earmark=Earmark(**earmark))


def read_toml(path: Path) -> Mapping[str, Any]:
    """A TOML file with exact decimals. Raises Refusal with line and column where it is not one."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise Refusal(
            "{file}, line {line}: not UTF-8; save the file as UTF-8.",
            file=path,
            line=error.object.count(b"\n", 0, error.start) + 1,
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error), text) from None


def _not_toml(path: Path, error: str, text: str) -> Refusal:
    found = _PLACE_IN_TOML.fullmatch(error)
    if found is None or found["line"] is None:
        return Refusal(
            "{file}, line {line}: the file ends in the middle of an entry; complete it.",
            file=path,
            line=max(len(text.splitlines()), 1),
        )
    return Refusal(
        "{file}, line {line}, column {column}: not TOML ({what}).",
        file=path,
        line=found["line"],
        column=found["column"],
        what=found["what"],
    )


def _in_file(path: Path, problem: Refusal) -> Refusal:
    return Refusal("{file}: {problem}", file=path, problem=problem)


def _pot_tables(path: Path) -> list[Any]:
    written = read_toml(path)
    unknown = sorted(set(written) - {"pot"})
    tables = written.get("pot")
    if unknown or not isinstance(tables, list) or not tables:
        raise Refusal(
            "{file}: write one [[pot]] with key and [pot.funders] for each pot, and nothing else.", file=path
        )
    return tables


def _pot(table: Any) -> Pot:  # noqa: ANN401 whatever TOML allows
    known = ("key", "challenge", "place", "funders")
    if not isinstance(table, dict) or set(table) - set(known):
        raise Refusal("a pot has {known}, and nothing else.", known=", ".join(known))
    key, funders = table.get("key"), table.get("funders")
    words = {name: table[name] for name in ("challenge", "place") if name in table}
    if not isinstance(key, str) or not key:
        raise Refusal('give the pot a key, such as key = "general".')
    if not all(isinstance(word, str) and word for word in words.values()):
        raise Refusal("challenge and place are words between quotes.")
    if not isinstance(funders, dict) or not funders:
        raise Refusal("name the funders and their euros, such as [pot.funders] and below it Region = 5000.")
    money = {name: cents_of_euros(euros, what=name) for name, euros in funders.items()}
    return Pot(key=key, funders=money, earmark=Earmark(**words))
