"""`abonde generate`."""

from __future__ import annotations

from pathlib import Path

import click

from abonde.cli.allocate import PATH
from abonde.cli.speaking import Argument, Command, Option
from abonde.language import mark


@click.command(
    cls=Command, help=mark("Invent a round of any size, in CSV or Parquet, the same for the same seed.")
)
@click.argument("output", cls=Argument, type=PATH, metavar="FILE")
@click.option(
    "--gifts", cls=Option, type=click.IntRange(1, 3 * 10**9), required=True, help=mark("How many gifts.")
)
@click.option(
    "--projects", cls=Option, type=click.IntRange(1, 10**6), required=True, help=mark("How many projects.")
)
@click.option(
    "--seed",
    cls=Option,
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help=mark("Another seed, another round."),
)
@click.option(
    "--ids",
    cls=Option,
    type=click.Choice(("text", "numbers")),
    default="text",
    help=mark("How people and projects are named."),
)
@click.option("--with-projects", cls=Option, is_flag=True, help=mark("Write a file of projects alongside."))
def generate(output: Path, ids: str, *, with_projects: bool, **size: int) -> None:
    """Write the file."""
    from abonde.cli.generating import run
    from abonde.simulation.rounds import SyntheticRound

    run(output, SyntheticRound(**size), ids=ids, with_projects=with_projects)
