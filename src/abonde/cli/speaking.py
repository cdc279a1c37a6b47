"""click's commands and parameters, with help texts that are translated when they are shown."""

from __future__ import annotations

from gettext import gettext as _

import click


def _translated(attribute: str) -> property:
    """A text that is kept in English and read in the language in use."""
    kept = f"_english_{attribute}"

    def read(self: object) -> str | None:
        text: str | None = getattr(self, kept, None)
        return _(text) if text else text

    def keep(self: object, text: str | None) -> None:
        setattr(self, kept, text)

    return property(read, keep)


class Command(click.Command):
    """A command that is explained in the language in use."""

    help = _translated("help")


class Group(click.Group):
    """A command with commands of its own that is explained in the language in use."""

    help = _translated("help")


class Option(click.Option):
    """An option that is explained in the language in use."""

    help = _translated("help")
    metavar = _translated("metavar")


class Argument(click.Argument):
    """An argument that is explained in the language in use."""

    help = _translated("help")
    metavar = _translated("metavar")
