"""The Django app."""

from django.apps import AppConfig


class Register(AppConfig):
    """Who has a voice: entries claimed once, and certificates."""

    name = "abonde.register"
    default_auto_field = "django.db.models.BigAutoField"
