"""The Django app."""

from django.apps import AppConfig


class Projects(AppConfig):
    """Projects and their applications, reviews and updates."""

    name = "abonde.projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add this room's voice to what accounts keep and to how they end."""
        from abonde.people import leaving, personal_data
        from abonde.projects.leaving import KEPT, hindrances, leave
        from abonde.projects.letters import tell_of_calling_off
        from abonde.rounds.announcing import on_move

        on_move.append(tell_of_calling_off)
        personal_data.sources.append(KEPT)
        leaving.hindrances.append(hindrances)
        leaving.farewells.append(leave)
