"""`abonde manage …`: Django's commands for operators."""

from __future__ import annotations

import click

from abonde.cli.speaking import Command
from abonde.language import mark


@click.command(
    cls=Command,
    help=mark("Run a management command of the platform, such as migrate or check."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Start what the command needs, and hand it over to Django."""
    from abonde.config.run import prepare

    prepare()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["abonde manage", *arguments])
