"""A PostgreSQL for the tests, started by the first one that needs it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

from abonde.core import embedded_postgres


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Where no DATABASE_URL names a server, bring one, without the durability that tests do without."""
    if settings.DATABASE_URL:
        yield
        return
    data = embedded_postgres.home_of(Path(tempfile.mkdtemp(prefix="abonde-")))  # short: a socket lives in it
    embedded_postgres.start(data, options=embedded_postgres.NO_DURABILITY)
    connections.settings["default"]["HOST"] = str(data)
    connection.settings_dict["HOST"] = str(data)
    yield
    embedded_postgres.stop(data)
    shutil.rmtree(data)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The tables, made by the migrations as in production."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        yield
        teardown_databases(made, verbosity=0)


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The real thing: what a test writes is committed and, being append-only, stays. Each test opens its own book."""
    with django_db_blocker.unblock():
        yield
        connection.close()
