"""`abonde manage reseal_secrets`: how the key that seals the database's secrets is changed."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from abonde.people.resealing import reseal_all


class Command(BaseCommand):
    """Seal everything anew, and say whether the former keys can go."""

    help = "Seal everything anew under the first key of ABONDE_SEALING_KEYS, so that the former keys can go."

    def handle(self, *_: object, **__: object) -> None:
        """Report each column, and the rows that none of the keys opens."""
        anew, unopened = 0, 0
        for done in reseal_all():
            anew, unopened = anew + done.anew, unopened + len(done.unopened)
            self.stdout.write(f"{done.column}: {done.anew} sealed anew, {done.already} already were")
            for row in done.unopened:
                self.stderr.write(f"{done.column}: none of the keys opens row {row}")
        if unopened:
            raise CommandError(
                f"{unopened} rows stay as they are: add the key that sealed them to ABONDE_SEALING_KEYS, then run this again."
            )
        if anew:
            self.stdout.write(
                "Run this once more: when nothing is left to seal anew, the former keys can go."
            )
        else:
            self.stdout.write("Everything is sealed under the first key: the former keys can go.")
