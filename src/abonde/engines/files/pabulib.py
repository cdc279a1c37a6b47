"""Ballots in the Pabulib format (`.pb`): participatory budgets as they were really voted on.

A file has three sections, META, PROJECTS and VOTES, each a table with `;` between its fields (Faliszewski et al. 2023,
"Participatory Budgeting: Data, Tools, and Analysis"). Approval and cumulative ballots become gifts: a voter gives a
project one point, or the points of the ballot, and a point is worth a number of cents.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple

from abonde.engines.files.gift_file import decoded_lines
from abonde.matching import LARGEST_POT, Cents, Gift, Project, Refusal, Refusals

MOST_REFUSALS: Final = 20
SECTIONS: Final = ("META", "PROJECTS", "VOTES")
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "META": ("key", "value"),
    "PROJECTS": ("project_id", "cost"),
    "VOTES": ("voter_id", "vote"),
}
VOTE_TYPES: Final = ("approval", "cumulative")
BOUNDS: Final = {"budget": 100, "num_projects": 1, "num_votes": 1, "max_points": 1, "max_sum_points": 1}
"""The numbers of META that matter, with the units in which they are kept: the budget in cents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """What a `.pb` file holds: its projects, its ballots in points by voter and project, and what was decided."""

    description: str
    projects: Mapping[str, Project]
    ballots: Mapping[str, Mapping[str, int]]
    official: frozenset[str]

    def gifts(self, point_value: Cents) -> Iterator[Gift]:
        """Every point given as `point_value` cents by a person to a project."""
        for voter, ballot in self.ballots.items():
            for project, points in ballot.items():
                yield Gift(voter, project, points * point_value)


class Row(NamedTuple):
    """A line of the file, by column."""

    line: int
    cells: dict[str, str]


def read_election(path: Path) -> Election:
    """Read a `.pb` file strictly. Raises Refusals with file, line and column for everything that is off."""
    problems = _Problems(path)
    tables = _tables(path, problems)
    problems.stop_if_any()
    meta = {row.cells["key"]: row for row in tables["META"]}
    by_points = _vote_type(meta, problems) == "cumulative"
    bounds: dict[str, int] = {
        name: _whole(problems, meta[name], "value", unit=unit)
        for name, unit in BOUNDS.items()
        if name in meta
    }
    for name, section in (("num_projects", "PROJECTS"), ("num_votes", "VOTES")):
        if name in bounds and bounds[name] != len(tables[section]):
            problems.add(
                meta[name].line,
                "value",
                Refusal(
                    "{name} is {said}, and there are {found}; the file is cut or was changed.",
                    name=name,
                    said=bounds[name],
                    found=len(tables[section]),
                ),
            )
    projects = _projects(tables["PROJECTS"], problems)
    ballots = _ballots(tables["VOTES"], projects, bounds if by_points else None, problems)
    problems.stop_if_any()
    return Election(
        description=meta["description"].cells["value"] if "description" in meta else "",
        projects=projects,
        ballots=ballots,
        official=_official(tables["PROJECTS"], ballots, bounds.get("budget", 0)),
    )


class _Problems:
    """The refusals met in a file, each told with its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refusals: list[Refusal] = []

    def add(self, line: int, column: str, problem: Refusal) -> None:
        self.refusals.append(
            Refusal(
                "{file}, line {line}, column {column}: {problem}",
                file=self.path,
                line=line,
                column=column,
                problem=problem,
            )
        )

    def stop_if_any(self) -> None:
        if self.refusals:
            raise Refusals(self.refusals[:MOST_REFUSALS])


def _tables(path: Path, problems: _Problems) -> dict[str, list[Row]]:
    """The rows of each section, by column."""
    tables: dict[str, list[Row]] = {}
    header: list[str] | None = None
    section = ""
    for line, fields in _fields(path, problems):
        if fields[0] in SECTIONS and len(fields) == 1:
            section, header = fields[0], None
            tables[section] = []
        elif not section:
            raise Refusal(
                "{file}, line {line}: a Pabulib file begins with a line META; is this one?",
                file=path,
                line=line,
            )
        elif header is None:
            header = fields
            _check_header(line, section, header, problems)
        elif len(fields) == len(header):
            tables[section].append(Row(line, dict(zip(header, fields, strict=True))))
        else:
            problems.refusals.append(
                Refusal(
                    "{file}, line {line}: {found} fields where {section} has {wanted} columns; put text that contains a semicolon between quotes.",
                    file=path,
                    line=line,
                    found=len(fields),
                    section=section,
                    wanted=len(header),
                )
            )
    problems.refusals += [
        Refusal("{file} has no section {section}; it is not Pabulib, or it is cut.", file=path, section=name)
        for name in SECTIONS
        if name not in tables
    ]
    return tables


def _fields(path: Path, problems: _Problems) -> Iterator[tuple[int, list[str]]]:
    """The fields of each line that holds any, with the number of the line that they begin on."""
    reader = csv.reader(decoded_lines(path, "utf-8"), delimiter=";", strict=True)
    line = 1
    try:
        for fields in reader:
            if any(fields):
                yield line, [field.strip() for field in fields]
            line = reader.line_num + 1
    except csv.Error:
        problems.refusals.append(
            Refusal(
                "{file}, line {line}: a quote is not closed, or text follows it; mend the quotes.",
                file=path,
                line=line,
            )
        )


def _check_header(line: int, section: str, header: Sequence[str], problems: _Problems) -> None:
    for column in NEEDED[section]:
        if column not in header:
            problems.add(line, column, Refusal("{section} has no such column; add it.", section=section))
    for column in sorted({column for column in header if header.count(column) > 1}):
        problems.add(line, column, Refusal("it is there twice; keep one."))
    problems.stop_if_any()


def _vote_type(meta: Mapping[str, Row], problems: _Problems) -> str:
    if "vote_type" not in meta:
        raise Refusal(
            "{file}: META does not say the vote_type; write approval or cumulative there.", file=problems.path
        )
    line, cells = meta["vote_type"]
    if cells["value"] not in VOTE_TYPES:
        problems.add(
            line,
            "value",
            Refusal(
                "ballots of type {type} are ranks or grades, which no sum of money follows from; only approval and cumulative ballots can be used.",
                type=cells["value"] or "—",
            ),
        )
        problems.stop_if_any()
    return cells["value"]


def _whole(problems: _Problems, row: Row, column: str, *, unit: int = 1) -> int:
    """A whole number of 0 or more, in units of 1/`unit`."""
    try:
        number = Decimal(row.cells[column]) * unit
        if number == number.to_integral_value() and 0 <= number <= LARGEST_POT:
            return int(number)
    except InvalidOperation:
        pass
    problems.add(
        row.line,
        column,
        Refusal(
            "{written!r} cannot be used; write a number such as {example}.",
            written=row.cells[column],
            example=12,
        ),
    )
    return 0


def _projects(rows: Sequence[Row], problems: _Problems) -> dict[str, Project]:
    projects: dict[str, Project] = {}
    for row in rows:
        key = row.cells["project_id"]
        if not key or key in projects:
            problems.add(
                row.line,
                "project_id",
                Refusal("{key!r} is empty or there twice; give each project an id of its own.", key=key),
            )
            continue
        projects[key] = Project(
            key=key,
            name=row.cells.get("name", ""),
            challenge=row.cells.get("category") or None,
            place=row.cells.get("subunit") or row.cells.get("neighborhood") or None,
            need=Cents(_whole(problems, row, "cost", unit=100)),
        )
    return projects


def _ballots(
    rows: Sequence[Row],
    projects: Mapping[str, Project],
    bounds: Mapping[str, int] | None,
    problems: _Problems,
) -> dict[str, dict[str, int]]:
    """The points of each voter by project; `bounds` hold for points, and approval ballots have none."""
    ballots: dict[str, dict[str, int]] = {}
    for row in rows:
        voter = row.cells["voter_id"]
        if not voter or voter in ballots:
            problems.add(
                row.line,
                "voter_id",
                Refusal("{voter!r} is empty or there twice; a person votes once.", voter=voter),
            )
            continue
        voted = [key.strip() for key in row.cells["vote"].split(",") if key.strip()]
        _check_vote(row, voted, projects, problems)
        points = [1] * len(voted) if bounds is None else _points(row, len(voted), bounds, problems)
        # A zero says as much as no mention.
        ballots[voter] = {key: given for key, given in zip(voted, points, strict=True) if given}
    return ballots


def _check_vote(row: Row, voted: Sequence[str], projects: Mapping[str, Project], problems: _Problems) -> None:
    for key in sorted(set(voted) - set(projects)):
        problems.add(row.line, "vote", Refusal("project {key!r} is not in the section PROJECTS.", key=key))
    for key in sorted({key for key in voted if voted.count(key) > 1}):
        problems.add(row.line, "vote", Refusal("project {key!r} is named twice; name it once.", key=key))


def _points(row: Row, projects: int, bounds: Mapping[str, int], problems: _Problems) -> list[int]:
    """One number of points per project named in the vote."""
    written = [part.strip() for part in row.cells.get("points", "").split(",") if part.strip()]
    wrong = [part for part in written if not re.fullmatch("[0-9]{1,9}", part)]
    points = [0 if part in wrong else int(part) for part in written]
    most, most_in_all = bounds.get("max_points"), bounds.get("max_sum_points")
    for part in wrong:
        problems.add(
            row.line, "points", Refusal("{written!r} is not a whole number of points.", written=part)
        )
    if len(points) != projects:
        problems.add(
            row.line,
            "points",
            Refusal(
                "{points} numbers of points for {projects} projects; give one for each.",
                points=len(points),
                projects=projects,
            ),
        )
        return [0] * projects
    if most is not None and max(points, default=0) > most:
        problems.add(
            row.line,
            "points",
            Refusal(
                "{points} points for one project; at most {most} are allowed.", points=max(points), most=most
            ),
        )
    if most_in_all is not None and sum(points) > most_in_all:
        problems.add(
            row.line,
            "points",
            Refusal(
                "{points} points in all; at most {most} are allowed.", points=sum(points), most=most_in_all
            ),
        )
    return points


def _official(rows: Sequence[Row], ballots: Mapping[str, Mapping[str, int]], budget: int) -> frozenset[str]:
    """The projects that the vote itself chose: as the file says, else greedily by points within the budget (cents).

    Ties go to the project with more voters, then to the smaller id.
    """
    if rows and "selected" in rows[0].cells:
        return frozenset(row.cells["project_id"] for row in rows if row.cells["selected"] == "1")
    points: Counter[str] = Counter()
    voters: Counter[str] = Counter()
    for ballot in ballots.values():
        points.update(ballot)
        voters.update(ballot.keys())
    costs = {row.cells["project_id"]: int(Decimal(row.cells["cost"]) * 100) for row in rows}
    chosen, left = set(), budget
    for key in sorted(costs, key=lambda key: (-points[key], -voters[key], key)):
        if costs[key] <= left:
            chosen.add(key)
            left -= costs[key]
    return frozenset(chosen)
