"""The Django app."""

from django.apps import AppConfig


class Identities(AppConfig):
    """Logging in through OpenID providers and forums."""

    name = "abonde.identities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Identities go with the account."""
        from abonde.identities.accounts import forget_identities
        from abonde.people.leaving import farewells

        farewells.append(forget_identities)
