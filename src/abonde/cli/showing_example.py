"""What `abonde example` does: the round that ships with Abonde, under all mechanisms, shown and drawn."""

from __future__ import annotations

from gettext import gettext as _
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import click

from abonde.cli.allocating import Request, run
from abonde.matching import Mechanism

EXPLAINED: Final = "haies"
"""A project that two pots match and a limit holds back."""


def show_example(chart: Path) -> None:
    """Show the round, explain one project, and draw the result to `chart`."""
    with as_file(files("abonde") / "example") as folder:
        request = Request(
            gifts=folder / "gifts.csv",
            projects=folder / "projects.csv",
            pots_file=folder / "pots.toml",
            rules=folder / "rules.toml",
            mechanisms=tuple(Mechanism),
            explained=(EXPLAINED,),
            statements=True,
            chart=chart,
        )
        click.echo(
            _(
                "A round on invented data: what people gave to the commons of a valley, and what the fund adds."
            )
        )
        click.echo(_("Its files are in {folder}.").format(folder=folder) + "\n")
        run(request)
    click.echo("\n" + _("The chart is in {file}; a browser shows it.").format(file=chart))
