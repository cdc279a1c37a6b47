"""The Django app, installed in demonstrations and tests only."""

from django.apps import AppConfig


class Demonstration(AppConfig):
    """The accounts that a visitor of the demonstration may become."""

    name = "abonde.demonstration"
    default_auto_field = "django.db.models.BigAutoField"
