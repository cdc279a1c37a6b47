"""What `abonde allocate` does: read everything, compare, and hand the result to those who show it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import TextIO

from abonde.cli.ballot_box import BallotBox, Ballots, Gifts, ballots_from
from abonde.cli.comparing import Comparison, compare
from abonde.cli.engines import engine_named
from abonde.cli.machine_formats import as_csv, as_json
from abonde.cli.progress import progress_bar
from abonde.cli.saving import save
from abonde.cli.statements import write_statements
from abonde.cli.wording import money
from abonde.cli.written_rules import pots_from, rules_from
from abonde.cli.written_tables import read_groups, read_projects
from abonde.engines.files.gift_file import inspect
from abonde.matching import Mechanism, Refusal, Refusals, cents_of_euros


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asked `abonde allocate` for, as written."""

    gifts: Path
    rules: Path | None = None
    written_pots: Sequence[str] = ()
    pots_file: Path | None = None
    projects: Path | None = None
    groups: Path | None = None
    mechanisms: Sequence[str] = ()
    explained: Sequence[str] = ()
    statements: bool = False
    point_value: str = "5"
    output_format: str = "table"
    output: Path | None = None
    chart: Path | None = None
    engine: str = "auto"
    master: str | None = None
    threads: int | None = None


def run(request: Request) -> None:
    """Answer the request. Nothing is shown or written before everything has been read and computed."""
    comparison = result_of(request)
    strangers = [key for key in request.explained if key not in comparison.projects]
    if strangers:
        raise Refusals(
            [
                Refusal("Project {project!r} is not among the projects of the round.", project=key)
                for key in strangers
            ]
        )
    chart = None
    if request.chart is not None:
        from abonde.cli.chart import draw

        chart = draw(comparison)
    if request.output is None:
        write_result(comparison, request, sys.stdout)
    else:
        text = io.StringIO()
        write_result(comparison, request, text)
        save(request.output, text.getvalue())
    if request.chart is not None and chart is not None:
        save(request.chart, chart)


def result_of(request: Request) -> Comparison:
    """The comparison that a request asks for. Raises Refusals with all that is wrong with its files."""
    refusals: list[Refusal] = []
    if request.output_format == "csv" and (request.explained or request.statements):
        refusals.append(
            Refusal("A CSV table has no room for --explain or --statements; use --format json or table.")
        )
    with gathered(refusals):
        rules = rules_from(request.rules)
    with gathered(refusals):
        pots = pots_from(request.pots_file, request.written_pots)
    with gathered(refusals):
        projects = [] if request.projects is None else read_projects(request.projects)
    with gathered(refusals):
        groups = None if request.groups is None else read_groups(request.groups)
    with gathered(refusals):
        box = _ballot_box(request)
    if refusals:
        raise Refusals(refusals)
    with progress_bar(_("Counting")) as progress:
        return compare(
            box,
            projects=projects,
            pots=pots,
            rules=rules,
            mechanisms=[Mechanism(name) for name in request.mechanisms],
            groups=groups,
            progress=progress,
        )


@contextmanager
def gathered(refusals: list[Refusal]) -> Iterator[None]:
    """Keeps a refusal for later, so that all of them are told in one go."""
    try:
        yield
    except Refusal as refusal:
        refusals.append(refusal)


def _ballot_box(request: Request) -> BallotBox:
    if request.gifts.suffix == ".pb":
        return ballots_from(request.gifts, cents_of_euros(request.point_value, what="--point-value"))
    file = inspect(request.gifts)
    return Gifts(
        file, engine_named(file, engine=request.engine, master=request.master, threads=request.threads)
    )


def write_result(comparison: Comparison, request: Request, file: TextIO) -> None:
    """Write the result in the format that was asked for."""
    match request.output_format:
        case "csv":
            file.write(as_csv(comparison))
        case "json":
            file.write(as_json(comparison, explained=request.explained, statements=request.statements))
        case _:
            from abonde.cli.explaining import write_explanation
            from abonde.cli.result_table import write_table

            if isinstance(comparison.box, Ballots):
                file.write(
                    _("Ballots: a point is worth {amount}.").format(amount=money(comparison.box.point_value))
                    + "\n"
                )
            write_table(comparison, file)
            for key in request.explained:
                write_explanation(comparison, key, file)
            if request.statements:
                write_statements(comparison.main, file)
