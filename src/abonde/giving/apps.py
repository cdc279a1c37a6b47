"""The Django app."""

from django.apps import AppConfig


class Giving(AppConfig):
    """Baskets, pledges, contributions and the live totals of a round."""

    name = "abonde.giving"
    default_auto_field = "django.db.models.BigAutoField"
