"""The Django app."""

from django.apps import AppConfig


class Settlement(AppConfig):
    """Results of a round: computations, objections, statements."""

    name = "abonde.settlement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this room's voice to what accounts keep."""
        from abonde.people import personal_data
        from abonde.settlement.personal import KEPT

        personal_data.sources.append(KEPT)
