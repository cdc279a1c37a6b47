"""`abonde example`."""

from __future__ import annotations

from pathlib import Path

import click

from abonde.cli.allocate import PATH
from abonde.cli.speaking import Command, Option
from abonde.language import mark


@click.command(cls=Command, help=mark("Show a co-funding round from gifts to grants, on invented data."))
@click.option(
    "--output",
    cls=Option,
    type=PATH,
    default=Path("abonde-example.svg"),
    metavar="FILE.svg",
    help=mark("Where to draw the result."),
)
def example(output: Path) -> None:
    """Run the round that ships with Abonde."""
    from abonde.cli.showing_example import show_example

    show_example(output)
