"""The Django app."""

from django.apps import AppConfig


class Rounds(AppConfig):
    """Rounds, their calendar, challenges, rules, parties and signatures."""

    name = "abonde.rounds"
    default_auto_field = "django.db.models.BigAutoField"
