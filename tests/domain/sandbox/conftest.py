from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from abonde.sandbox.models import Delivery
from abonde.sandbox.telling import TRIES
from tests.domain.sandbox.worlds import SECRET, Merchant, a_merchant


@pytest.fixture
def merchant(database: None) -> Iterator[Merchant]:
    Delivery.objects.filter(delivered_at=None).update(attempts=TRIES)  # those of other tests
    with override_settings(SANDBOX_SECRET=SECRET), a_merchant() as listening:
        yield listening
