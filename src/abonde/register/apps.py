"""The Django app."""

from django.apps import AppConfig


class Register(AppConfig):
    """Who has a voice: entries claimed once, and certificates."""

    name = "abonde.register"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this room's voice to what accounts keep, and to what follows a link."""
        from abonde.identities.accounts import on_link
        from abonde.people import leaving, personal_data
        from abonde.register.community import join_identities
        from abonde.register.leaving import forget
        from abonde.register.queries import KEPT

        personal_data.sources.append(KEPT)
        leaving.farewells.append(forget)
        on_link.append(join_identities)
