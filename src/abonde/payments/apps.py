"""The Django app."""

from django.apps import AppConfig


class Payments(AppConfig):
    """Payments and the providers that carry them."""

    name = "abonde.payments"
    default_auto_field = "django.db.models.BigAutoField"
