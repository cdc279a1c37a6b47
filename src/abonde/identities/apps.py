"""The Django app."""

from django.apps import AppConfig


class Identities(AppConfig):
    """Logging in through OpenID providers and forums."""

    name = "abonde.identities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Identities are told among what is kept, and go with the account."""
        from abonde.identities.accounts import forget_identities
        from abonde.identities.linked import KEPT
        from abonde.people import leaving, personal_data

        leaving.farewells.append(forget_identities)
        personal_data.sources.append(KEPT)
