"""The Django app."""

from django.apps import AppConfig


class Identities(AppConfig):
    """Logging in through OpenID providers and forums."""

    name = "abonde.identities"
    default_auto_field = "django.db.models.BigAutoField"
