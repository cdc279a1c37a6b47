"""`abonde demo`."""

from __future__ import annotations

import os
from gettext import gettext as _
from pathlib import Path

import click

from abonde.cli.allocate import PATH
from abonde.cli.progress import progress_bar
from abonde.cli.serve import make_ready, run_platform
from abonde.cli.speaking import Command, Option
from abonde.language import mark


@click.command(
    cls=Command,
    help=mark("Serve a living demonstration: an invented territory, with a round in each state."),
)
@click.option(
    "--from",
    "ballots",
    cls=Option,
    type=PATH,
    metavar="FILE.pb",
    help=mark("Add a round played from the ballots of a Pabulib file, up to its final result."),
)
@click.option(
    "--point-value",
    cls=Option,
    default="5",
    metavar=mark("EUROS"),
    show_default=True,
    help=mark("What a point of a Pabulib ballot is worth."),
)
@click.option(
    "--pot",
    cls=Option,
    default="100000",
    metavar=mark("EUROS"),
    show_default=True,
    help=mark("What the fund of that round holds."),
)
def demo(ballots: Path | None, point_value: str, pot: str) -> None:
    """Load the demonstration where it is not there yet, say where to begin, and serve it."""
    os.environ.setdefault("ABONDE_MODE", "demo")
    from abonde.cli.ballot_box import ballots_from
    from abonde.matching import cents_of_euros
    from abonde.matching.refusal import Refusal

    # Read before anything is started: a file that cannot be used is told at once.
    box = ballots_from(ballots, cents_of_euros(point_value)) if ballots else None
    pot_cents = cents_of_euros(pot)
    make_ready()
    from django.conf import settings

    from abonde.demonstration.cast import recall
    from abonde.demonstration.election import play
    from abonde.demonstration.loading import is_loaded, load, start_over

    if settings.PRODUCTION:
        raise Refusal("The demonstration runs in demo mode only: leave ABONDE_MODE out, or set it to demo.")
    if not is_loaded():
        start_over()
        click.echo(_("The demonstration is being invented; that takes half a minute, once."))
        with progress_bar(_("Inventing rounds")) as progress:
            load(progress)
    if box is not None:
        played = play(
            recall(), box.election, name=Path(box.name).stem, point_value=box.point_value, pot=pot_cents
        )
        click.echo(f"http://{settings.LISTEN}/campagnes/{played.slug}/resultats/")
    click.echo(
        _("Become one of the invented people: {address}").format(
            address=f"http://{settings.LISTEN}/demonstration/"
        )
    )
    run_platform()
