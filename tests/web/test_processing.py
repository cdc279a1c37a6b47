"""One table says what is kept of people: every table of the database that knows somebody, and the documentation too."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Final

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from abonde.people import personal_data
from abonde.people.models import Person
from abonde.web.information.processing import PROCESSINGS, UNNAMED, told
from abonde.web.information.processing_register import as_markdown
from tests.factories import a_person

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "design" / "processing-register.md"
INVENTED: Final = {"demonstration.DemonstrationAccount"}
"""Tables whose people do not exist."""


def tables_that_know_somebody() -> set[str]:
    return {
        model._meta.label
        for model in apps.get_models()
        if any(field.related_model is Person for field in model._meta.get_fields() if field.concrete)
    }


def test_every_table_that_knows_somebody_is_told() -> None:
    named = [table for one in PROCESSINGS for table in one.tables]
    assert len(named) == len(set(named))
    assert tables_that_know_somebody() - INVENTED - set(named) == set()


def test_every_table_that_is_told_is_there() -> None:
    for one in PROCESSINGS:
        for table in one.tables:
            assert apps.get_model(table)._meta.label == table


def test_what_is_exported_and_what_is_told_are_the_same() -> None:
    exported = {kept.key for kept in personal_data.sources}
    assert {one.key for one in PROCESSINGS} == exported | set(UNNAMED)
    assert not exported & set(UNNAMED)


def test_the_documentation_is_that_table() -> None:
    """If not: `abonde manage processing_register` writes it anew."""
    assert as_markdown() in DOCUMENT.read_text()


@pytest.mark.parametrize("address", ["/confidentialite/", "/mes-donnees/"])
def test_pages_tell_all_of_it(database: None, address: str) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(a_person(language="en"), settings.AUTHENTICATION_BACKENDS[0])
    page = unescape(client.get(address).content.decode())
    with override("en"):
        for one in told():
            for words in (
                one.what,
                one.why,
                one.until,
                one.processing.by,
                one.processing.ground,
                one.processing.seen_by,
            ):
                assert str(words) in page
