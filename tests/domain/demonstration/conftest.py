"""The demonstration, loaded once for all tests of one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from abonde.demonstration.cast import ORGANISATIONS, Cast, recall
from abonde.demonstration.loading import is_loaded, load
from abonde.demonstration.models import DemonstrationAccount
from abonde.organisations.models import Organisation


@pytest.fixture(scope="module")
def cast(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """Everybody of the demonstration; its pictures go to a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(settings, "MEDIA_ROOT", Path(tmp_path_factory.mktemp("media")))
        if not Organisation.objects.filter(slug__in=ORGANISATIONS).exists():
            DemonstrationAccount.objects.all().delete()  # other tests make one, to look at the page of all
            load()
        assert is_loaded()
        yield recall()
