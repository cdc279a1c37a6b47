"""`abonde manage create_organisation`: how the first host of an installation comes to be."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from abonde.matching.refusal import Refusal
from abonde.organisations.actions import create_organisation
from abonde.organisations.models import Kind


class Command(BaseCommand):
    """Create the organisation, and write to its first manager."""

    help = "Create an organisation and send its first manager an invitation by e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name that people know it by")
        parser.add_argument("--kind", choices=Kind.values, default=Kind.HOST.value)
        parser.add_argument(
            "--slug", default="", help="its part of addresses; made from the name if not given"
        )
        parser.add_argument("--manager", required=True, help="the e-mail address of its first manager")
        parser.add_argument("--siren", default="")

    def handle(
        self, *_: object, name: str, kind: str, slug: str, manager: str, siren: str, **__: object
    ) -> None:
        """Report the address of the new workspace, or why there is none."""
        try:
            made = create_organisation(
                person=None, kind=Kind(kind), name=name, slug=slug, manager_email=manager, siren=siren
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{made.name}: /espace/{made.slug}/ – an invitation is on its way to {manager}.")
