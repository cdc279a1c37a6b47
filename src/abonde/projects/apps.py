"""The Django app."""

from django.apps import AppConfig


class Projects(AppConfig):
    """Projects and their applications, reviews and updates."""

    name = "abonde.projects"
    default_auto_field = "django.db.models.BigAutoField"
