"""The Django app."""

from django.apps import AppConfig


class Sandbox(AppConfig):
    """A payment provider that comes along: the outside world of demonstrations and tests."""

    name = "abonde.sandbox"
    default_auto_field = "django.db.models.BigAutoField"
