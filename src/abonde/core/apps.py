"""The Django app of what every domain app shares."""

from django.apps import AppConfig


class Core(AppConfig):
    """Events and what rests on the database itself."""

    name = "abonde.core"
    default_auto_field = "django.db.models.BigAutoField"
