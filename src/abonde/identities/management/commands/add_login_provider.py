"""`abonde manage add_login_provider`: how people come to log in through a provider."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from abonde.identities.checking import faults_of
from abonde.identities.models import Algorithm, Authentication, Kind
from abonde.identities.providers import add_provider
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation


class Command(BaseCommand):
    """Add the provider, look at it, and say what to declare to it."""

    help = "Let people log in through an OpenID provider or a Discourse forum."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its part of the return address, such as franceconnect")
        parser.add_argument("--organisation", required=True, help="the slug of who answers for it")
        parser.add_argument("--kind", choices=Kind.values, required=True)
        parser.add_argument(
            "--issuer", required=True, help="its issuer, as its discovery says; of a forum, its address"
        )
        parser.add_argument("--client-id", default="")
        parser.add_argument(
            "--secret-variable", default="", help="the environment variable that holds the secret"
        )
        parser.add_argument("--label", required=True, help="what its button says")
        parser.add_argument("--algorithm", choices=Algorithm.values, default=None)
        parser.add_argument(
            "--authentication",
            choices=Authentication.values,
            default=Authentication.SECRET,
            help="how we show that we are ourselves: a shared secret, or a key of our own",
        )

    def handle(self, *_: object, slug: str, organisation: str, kind: str, **given: str) -> None:
        """Report the return address, and what is wrong with the provider if something is."""
        try:
            made = add_provider(
                person=None,
                organisation=Organisation.objects.get(slug=organisation),
                kind=Kind(kind),
                slug=slug,
                label=given["label"],
                issuer=given["issuer"],
                client_id=given["client_id"],
                secret_variable=given["secret_variable"],
                algorithm=Algorithm(given["algorithm"]) if given["algorithm"] else None,
                authentication=Authentication(given["authentication"]),
            )
        except Organisation.DoesNotExist as error:
            raise CommandError(f"There is no organisation {organisation}.") from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Declare to it the return address {settings.PUBLIC_URL}/connexion/{made.slug}/retour/"
        )
        for fault in (faults := faults_of(made)):
            self.stdout.write(f"It does not work yet: {fault}")
        if not faults:
            self.stdout.write("It answers as it should.")
