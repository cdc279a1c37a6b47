"""`abonde manage processing_register`: the table of docs/design/processing-register.md, anew."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from abonde.web.information.processing_register import as_markdown


class Command(BaseCommand):
    """Write the table to standard output."""

    help = "Write the register of processing activities (GDPR, article 30) as Markdown."

    def handle(self, *_: object, **__: object) -> None:
        """The table, and nothing else."""
        self.stdout.write(as_markdown(), ending="")
