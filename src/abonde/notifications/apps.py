"""The Django app."""

from django.apps import AppConfig


class Notifications(AppConfig):
    """Letters that someone waits for, written once and sent by a job."""

    name = "abonde.notifications"
    default_auto_field = "django.db.models.BigAutoField"
