"""`abonde allocate`: its options. The work begins in `allocating`, which is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path

import click

from abonde.cli.speaking import Argument, Command, Option
from abonde.language import mark
from abonde.matching import Mechanism

PATH = click.Path(path_type=Path)
ENGINES = ("auto", "memory", "duckdb", "radix", "spark")
FORMATS = ("table", "csv", "json")


@click.command(
    cls=Command,
    help=mark("Share a fund out among the projects of a file of gifts (CSV, Parquet or Pabulib)."),
)
@click.argument("gifts", cls=Argument, type=PATH, metavar=mark("GIFTS"))
@click.option(
    "--rules",
    cls=Option,
    type=PATH,
    metavar=mark("FILE"),
    help=mark("Rules of the round, in TOML, or the name of a preset: guarded (used without it) or plain."),
)
@click.option(
    "--pot",
    "written_pots",
    cls=Option,
    multiple=True,
    metavar=mark("AMOUNT"),
    help=mark(
        "Money of the fund in euros: 10000, or name=10000, or name=10000@challenge=…,place=…; repeatable."
    ),
)
@click.option(
    "--pots",
    "pots_file",
    cls=Option,
    type=PATH,
    metavar=mark("FILE"),
    help=mark("Pots with their funders and earmarks, in TOML."),
)
@click.option(
    "--projects",
    cls=Option,
    type=PATH,
    metavar=mark("FILE"),
    help=mark("Projects in CSV: project, name, challenge, place, need (in euros)."),
)
@click.option(
    "--groups",
    cls=Option,
    type=PATH,
    metavar=mark("FILE"),
    help=mark("Groups of people in CSV, for cluster: person, group."),
)
@click.option(
    "--mechanism",
    "mechanisms",
    cls=Option,
    multiple=True,
    type=click.Choice([str(mechanism) for mechanism in Mechanism]),
    help=mark("Mechanism instead of that of the rules; several stand side by side."),
)
@click.option(
    "--explain",
    "explained",
    cls=Option,
    multiple=True,
    metavar=mark("PROJECT"),
    help=mark("Explain what this project gets, step by step; repeatable."),
)
@click.option("--statements", cls=Option, is_flag=True, help=mark("Show each funder where their money goes."))
@click.option(
    "--point-value",
    cls=Option,
    default="5",
    metavar=mark("EUROS"),
    show_default=True,
    help=mark("What a point of a Pabulib ballot is worth."),
)
@click.option(
    "--format",
    "output_format",
    cls=Option,
    type=click.Choice(FORMATS),
    default="table",
    help=mark("How to write the result."),
)
@click.option(
    "--output",
    cls=Option,
    type=PATH,
    metavar=mark("FILE"),
    help=mark("Write the result there instead of showing it."),
)
@click.option("--chart", cls=Option, type=PATH, metavar="FILE.svg", help=mark("Draw the result there."))
@click.option(
    "--engine",
    cls=Option,
    type=click.Choice(ENGINES),
    default="auto",
    help=mark("What counts the gifts; chosen by their number unless said otherwise."),
)
@click.option(
    "--master", cls=Option, metavar="URL", help=mark("The Spark cluster, such as spark://host:7077.")
)
@click.option("--threads", cls=Option, type=click.IntRange(min=1), help=mark("How many processors to use."))
def allocate(**options: object) -> None:
    """Share out, then show or write the result."""
    from abonde.cli.allocating import Request, run

    run(Request(**options))  # type: ignore[arg-type]
