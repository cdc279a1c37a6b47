"""The Django app."""

from django.apps import AppConfig


class Funds(AppConfig):
    """The complementary fund of a round: pots, agreements, instalments."""

    name = "abonde.funds"
    default_auto_field = "django.db.models.BigAutoField"
