"""The Django app."""

from django.apps import AppConfig


class People(AppConfig):
    """Persons: humans with an account."""

    name = "abonde.people"
    default_auto_field = "django.db.models.BigAutoField"
