"""`abonde demo`."""

from __future__ import annotations

import os
from gettext import gettext as _

import click

from abonde.cli.progress import progress_bar
from abonde.cli.serve import make_ready, run_platform
from abonde.cli.speaking import Command
from abonde.language import mark


@click.command(
    cls=Command, help=mark("Serve a living demonstration: an invented territory, with a round in each state.")
)
def demo() -> None:
    """Load the demonstration where it is not there yet, say where to begin, and serve it."""
    os.environ.setdefault("ABONDE_MODE", "demo")
    make_ready()
    from django.conf import settings

    from abonde.demonstration.loading import is_loaded, load, start_over
    from abonde.matching.refusal import Refusal

    if settings.PRODUCTION:
        raise Refusal("The demonstration runs in demo mode only: leave ABONDE_MODE out, or set it to demo.")
    if not is_loaded():
        start_over()
        click.echo(_("The demonstration is being invented; that takes half a minute, once."))
        with progress_bar(_("Inventing rounds")) as progress:
            load(progress)
    click.echo(
        _("Become one of the invented people: {address}").format(
            address=f"http://{settings.LISTEN}/demonstration/"
        )
    )
    run_platform()
