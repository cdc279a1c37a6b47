"""What the commands `serve` and `manage` share: settings chosen, database started."""

from __future__ import annotations

import os


def prepare() -> None:
    """Load the settings and, where no DATABASE_URL names a server, start the embedded PostgreSQL."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonde.config.settings")
    from django.conf import settings

    from abonde.core import embedded_postgres

    if not settings.DATABASE_URL:
        embedded_postgres.start(settings.EMBEDDED_DATABASE)
