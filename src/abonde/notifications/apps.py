"""The Django app."""

from django.apps import AppConfig


class Notifications(AppConfig):
    """Letters that someone waits for, written once and sent by a job."""

    name = "abonde.notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this room's voice to what accounts keep and to how they end."""
        from abonde.notifications.queries import KEPT, forget
        from abonde.people import leaving, personal_data

        personal_data.sources.append(KEPT)
        leaving.farewells.append(forget)
