from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from django.test import Client

from abonde.people.models import Person

Browser: TypeAlias = Callable[..., Client]
BAR = {"HX-Request": "true", "HX-Target": "underway"}
"""How a bar of progress asks for itself."""


@pytest.fixture
def browser(database: None) -> Browser:
    """A browser that reads English, in which the person is logged in, or nobody is."""

    def opened(person: Person | None = None) -> Client:
        client = Client(headers={"accept-language": "en"})
        if person is not None:
            client.force_login(person)
        return client

    return opened
