"""`abonde …`: co-funding rounds from the command line, for people without a server."""

from __future__ import annotations

import errno
import sys
from gettext import gettext as _

import click

from abonde import __version__, language
from abonde.cli.allocate import allocate
from abonde.cli.demo import demo
from abonde.cli.example import example
from abonde.cli.generate import generate
from abonde.cli.manage import manage
from abonde.cli.serve import serve
from abonde.cli.speaking import Group, Option
from abonde.language import mark
from abonde.matching.refusal import Refusal

MOST_SENTENCES = 20
UNUSABLE, INTERRUPTED = 2, 130


class Abonde(Group):
    """The command line: it speaks a person's language, and says no in sentences."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        language.use()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            for sentence in language.sentences(refusal)[:MOST_SENTENCES]:
                click.echo(sentence, err=True)
            ctx.exit(UNUSABLE)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            click.echo(_failure(error), err=True)
            ctx.exit(UNUSABLE)


def _failure(error: OSError) -> str:
    file = error.filename or sys.argv[0]
    match error:
        case FileNotFoundError():
            return _("There is no file {file}; check its name.").format(file=file)
        case IsADirectoryError():
            return _("{file} is a folder; name a file.").format(file=file)
        case PermissionError():
            return _("{file} may not be opened; check its permissions.").format(file=file)
        case _:
            return _("{file} cannot be used: {reason}.").format(file=file, reason=error.strerror)


def _speak(_ctx: click.Context, _option: click.Parameter, asked: str | None) -> None:
    if asked:
        language.use(asked)


@click.group(
    cls=Abonde,
    help=mark("Democratic co-funding rounds by quadratic funding, exact to the cent."),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--lang",
    cls=Option,
    type=click.Choice(language.LANGUAGES),
    callback=_speak,
    is_eager=True,
    expose_value=False,
    help=mark("Language of the output (also: ABONDE_LANGUAGE)."),
)
@click.version_option(
    __version__,
    cls=Option,
    prog_name="abonde",
    message="%(prog)s %(version)s",
    help=mark("Show the version and exit."),
)
def main() -> None:
    """Do nothing by itself: the commands do."""


main.add_command(allocate)
main.add_command(demo)
main.add_command(example)
main.add_command(generate)
main.add_command(manage)
main.add_command(serve)
