"""What `abonde generate` does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from gettext import gettext as _
from pathlib import Path
from typing import Final

import click

from abonde.cli.progress import progress_bar
from abonde.cli.saving import save, whole_file
from abonde.cli.wording import number
from abonde.engines.engine import Progress
from abonde.engines.files.writing import Identifiers, project_key, write_gifts
from abonde.matching import Refusal
from abonde.simulation.rounds import CHUNK, Gifts, SyntheticRound

AVERAGE_EUROS: Final = 17
"""What an invented gift is worth, about."""


def run(output: Path, synthetic: SyntheticRound, *, ids: str, with_projects: bool) -> None:
    """Write an invented round, whole or not at all."""
    if output.suffix not in (".csv", ".parquet"):
        raise Refusal("{file}: its name tells the format; let it end in .csv or .parquet.", file=output)
    with whole_file(output) as temporary, progress_bar(_("Inventing gifts")) as progress:
        write_gifts(_told(synthetic, progress), temporary, identifiers=Identifiers(ids))
    click.echo(_("{count} gifts in {file}.").format(count=number(synthetic.gifts), file=output))
    if with_projects:
        beside = output.with_name(f"{output.stem}-projects.csv")
        save(beside, _projects(synthetic, Identifiers(ids)))
        click.echo(_("{count} projects in {file}.").format(count=number(synthetic.projects), file=beside))


def _told(synthetic: SyntheticRound, progress: Progress | None) -> Iterator[Gifts]:
    for done, chunk in enumerate(synthetic.chunks(), start=1):
        yield chunk
        if progress is not None:
            progress(min(done * CHUNK / synthetic.gifts, 1.0))


def _projects(synthetic: SyntheticRound, ids: Identifiers) -> str:
    """All projects, over four challenges and nine places, needing from 1 to 50 times what one receives on average."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(("project", "name", "challenge", "place", "need"))
    average = max(synthetic.gifts * AVERAGE_EUROS // synthetic.projects, 1)
    for place in range(synthetic.projects):
        key = project_key(place) if ids is Identifiers.TEXT else str(place)
        need = average * (1 + place * 37 % 50)
        table.writerow((key, f"Project {place}", f"challenge-{place % 4}", f"place-{place % 9}", need))
    return written.getvalue()
