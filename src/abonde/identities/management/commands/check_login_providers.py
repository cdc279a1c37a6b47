"""`abonde manage check_login_providers`: all providers of the installation, whoever offers them, and whether each works."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from abonde.identities.checking import findings_on
from abonde.identities.models import Provider


class Command(BaseCommand):
    """Look at each provider as the button in its workspace does."""

    help = "List the log-in providers of the installation, and ask each for everything that a log-in needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", help="only these; all without")

    def handle(self, *_: object, slugs: list[str], **__: object) -> None:
        """Report provider by provider; raises CommandError where one that is offered does not work."""
        found = Provider.objects.select_related("organisation").order_by("organisation__name", "slug")
        chosen = [one for one in found if not slugs or one.slug in slugs]
        if unknown := set(slugs) - {one.slug for one in chosen}:
            raise CommandError(f"There is no provider {', '.join(sorted(unknown))}.")
        if not chosen:
            self.stdout.write("There is no log-in provider: people log in with e-mail codes and passkeys.")
        broken = [one.slug for one in chosen if not self._works(one) and one.enabled]
        if broken:
            raise CommandError(f"People cannot log in through {', '.join(broken)}.")

    def _works(self, provider: Provider) -> bool:
        offered = "on" if provider.enabled else "off"
        self.stdout.write(
            f"{provider.slug} ({provider.get_kind_display()}, {offered}), of {provider.organisation.name}: {provider.issuer}"
        )
        findings = findings_on(provider)
        for finding in findings:
            self.stdout.write(f"  {finding.what}: {finding.wrong or 'well'}")
        return not any(finding.wrong for finding in findings)
