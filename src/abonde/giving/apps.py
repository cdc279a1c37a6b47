"""The Django app."""

from django.apps import AppConfig


class Giving(AppConfig):
    """Baskets, pledges, contributions and the live totals of a round."""

    name = "abonde.giving"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let voices that come and go change the totals, and tell what giving keeps about people."""
        from abonde.giving.leaving import forget
        from abonde.giving.queries import KEPT
        from abonde.giving.totals import refresh_person
        from abonde.people import leaving, personal_data
        from abonde.register import announcing as register

        register.on_change.append(refresh_person)
        personal_data.sources.append(KEPT)
        leaving.farewells.append(forget)
