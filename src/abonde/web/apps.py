"""The pages as Django knows them: templates, static files, template tags."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class Web(AppConfig):
    """Pages, drawn and served."""

    name = "abonde.web"
    label = "web"

    def ready(self) -> None:
        """Word empty fields; after each migration, tell the database what pages of organisations may read."""
        from abonde.web.missing import say_what_is_missing
        from abonde.web.separation import give_rights

        say_what_is_missing()
        post_migrate.connect(give_rights, sender=apps.get_app_config("core"))
