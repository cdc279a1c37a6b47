"""The Django app."""

from django.apps import AppConfig


class Organisations(AppConfig):
    """Hosts, certifiers and funders, and the agents who act for them."""

    name = "abonde.organisations"
    default_auto_field = "django.db.models.BigAutoField"
