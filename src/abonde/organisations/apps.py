"""The Django app."""

from django.apps import AppConfig


class Organisations(AppConfig):
    """Hosts, certifiers and funders, and the agents who act for them."""

    name = "abonde.organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this room's voice to what accounts keep and to how they end."""
        from abonde.organisations.leaving import KEPT, hindrances, leave
        from abonde.people import leaving, personal_data

        personal_data.sources.append(KEPT)
        leaving.hindrances.append(hindrances)
        leaving.farewells.append(leave)
