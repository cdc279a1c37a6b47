"""The Django app."""

from django.apps import AppConfig


class Settlement(AppConfig):
    """Results of a round: computations, objections, statements."""

    name = "abonde.settlement"
    default_auto_field = "django.db.models.BigAutoField"
