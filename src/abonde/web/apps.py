"""The pages as Django knows them: templates, static files, template tags."""

from django.apps import AppConfig


class Web(AppConfig):
    """Pages, drawn and served."""

    name = "abonde.web"
    label = "web"
