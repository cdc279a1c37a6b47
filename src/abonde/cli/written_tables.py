"""The small tables that go with a file of gifts: projects and groups, as CSV."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from abonde.engines.files.gift_file import DELIMITERS, decoded_lines
from abonde.matching import Cents, Groups, Project, Refusal, Refusals, cents_of_euros

MOST_REFUSALS: Final = 20


def read_projects(path: Path) -> list[Project]:
    """Projects from columns project, name, challenge, place, need (euros); only the first is required.

    Raises Refusals with file, line and column.
    """
    refusals: list[Refusal] = []
    projects: dict[str, Project] = {}
    for line, row in _rows(path, ("project",), ("name", "challenge", "place", "need"), refusals):
        key = row["project"]
        if not key or key in projects:
            refusals.append(
                Refusal(
                    "{file}, line {line}, column project: {key!r} is empty or there twice; give each project a key of its own.",
                    file=path,
                    line=line,
                    key=key,
                )
            )
            continue
        projects[key] = Project(
            key=key,
            name=row.get("name", ""),
            challenge=row.get("challenge") or None,
            place=row.get("place") or None,
            need=_need(path, line, row.get("need", ""), refusals),
        )
    _stop_if_any(refusals)
    return list(projects.values())


def read_groups(path: Path) -> Groups:
    """The groups of each person, from columns person and group, one line for each membership."""
    refusals: list[Refusal] = []
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for line, row in _rows(path, ("person", "group"), (), refusals):
        if not (row["person"] and row["group"]):
            refusals.append(
                Refusal(
                    "{file}, line {line}: a person and a group belong here; fill both.", file=path, line=line
                )
            )
        groups[row["person"]].add(row["group"])
    _stop_if_any(refusals)
    return {person: frozenset(names) for person, names in groups.items()}


def _stop_if_any(refusals: list[Refusal]) -> None:
    if refusals:
        raise Refusals(refusals[:MOST_REFUSALS])


def _need(path: Path, line: int, written: str, refusals: list[Refusal]) -> Cents | None:
    if not written:
        return None
    try:
        return cents_of_euros(written, what="need")
    except Refusal as problem:
        refusals.append(
            Refusal("{file}, line {line}, column {problem}", file=path, line=line, problem=problem),
        )
        return None


def _rows(
    path: Path, required: Sequence[str], optional: Sequence[str], refusals: list[Refusal]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table by column, each with the number of the line that it begins on."""
    first = next(decoded_lines(path, "utf-8"), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(decoded_lines(path, "utf-8"), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        _check_header(path, header, required, optional)
        line = reader.line_num + 1
        for fields in reader:
            if len(fields) == len(header):
                yield line, dict(zip(header, map(str.strip, fields), strict=True))
            elif fields:
                refusals.append(
                    Refusal(
                        "{file}, line {line}: {found} fields where the first line has {wanted}; put text that contains the delimiter between quotes.",
                        file=path,
                        line=line,
                        found=len(fields),
                        wanted=len(header),
                    )
                )
            line = reader.line_num + 1
    except csv.Error:
        refusals.append(
            Refusal(
                "{file}, line {line}: a quote is not closed, or text follows it; mend the quotes.",
                file=path,
                line=line,
            )
        )


def _check_header(
    path: Path, header: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> None:
    known = ", ".join((*required, *optional))
    refusals = [
        Refusal(
            "{file}, line 1: no column {column}; known columns are {known}.",
            file=path,
            column=name,
            known=known,
        )
        for name in required
        if name not in header
    ]
    refusals += [
        Refusal("{file}, line 1: column {column} is there twice; keep one.", file=path, column=name)
        for name in sorted(set(header))
        if header.count(name) > 1
    ]
    refusals += [
        Refusal(
            "{file}, line 1: column {column!r} is not known; known columns are {known}.",
            file=path,
            column=name,
            known=known,
        )
        for name in header
        if name not in (*required, *optional)
    ]
    _stop_if_any(refusals)
