"""What is printed about a round: on as many pages as there is paper for, in the visitor's language, whatever the names."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from abonde.organisations.models import Kind, Organisation
from abonde.register.models import Strategy
from abonde.rounds.models import Round
from abonde.rounds.states import State
from tests import factories

pytestmark = pytest.mark.django_db


def asked(name: str, *arguments: str, language: str = "en") -> HttpResponse:
    response = Client(headers={"accept-language": language}).get(reverse(name, args=arguments))
    assert isinstance(response, HttpResponse)
    return response


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def headings(pdf: bytes) -> str:
    """The outline of the document, which screen readers and readers of PDF offer."""
    plain = [found.decode("latin-1") for found in re.findall(rb"/Title ?\(((?:[^()\\]|\\.)*)\)", pdf)]
    wide = [
        re.sub(rb"\\([()\\])", rb"\1", found).decode("utf-16-be", "replace")
        for found in re.findall(rb"/Title ?\(\xfe\xff((?:[^()\\]|\\.)*)\)", pdf)
    ]
    return "\n".join([*plain, *wide])


def test_a_guide_has_four_pages_in_the_language_of_the_visitor() -> None:
    found = factories.a_round()
    for language, says in (
        ("en", "Who has a voice"),
        ("fr", "Qui a une voix"),
    ):
        printed = asked("round-guide", found.slug, language=language)
        assert printed.headers["Content-Type"] == "application/pdf"
        assert f"({language})".encode() in printed.content
        assert {"Accept-Language", "Cookie"} <= set(printed.headers["Vary"].split(", "))
        assert pages(printed.content) == 4
        assert says in headings(printed.content)
    assert b"Who answers for it" in asked("round-guide", found.slug).content


@pytest.mark.parametrize("strategy", [Strategy.CERTIFIED, Strategy.OPEN])
def test_the_longest_words_still_fit_and_are_never_code(strategy: Strategy) -> None:
    certifier = factories.an_organisation(Kind.CERTIFIER)
    register = factories.a_register(certifier, strategy=strategy)
    found = factories.a_round(
        name=('#panic("x") $ ' * 20)[:150].strip(), certifier=certifier, register=register
    )
    Round.objects.filter(pk=found.pk).update(summary=("Mwâ 🌱 *gras* @nul " * 20)[:300])
    Organisation.objects.update(
        name=("Communauté d’agglomération " * 9)[:200], email=f"{'a' * 60}@example.org"
    )
    for language in ("en", "fr"):
        for name, most in (("round-guide", 4), ("round-counter-sheet", 1)):
            printed = asked(name, found.slug, language=language)
            assert printed.status_code == HTTPStatus.OK
            assert pages(printed.content) == most


def test_the_counter_has_a_sheet_of_one_page() -> None:
    found = factories.a_round()
    printed = asked("round-counter-sheet", found.slug)
    assert pages(printed.content) == 1
    assert "Here we help you give" in headings(printed.content)


def test_there_is_a_guide_without_a_round_too() -> None:
    printed = asked("guide")
    assert pages(printed.content) == 4
    assert "Calendar" not in headings(printed.content)
    assert reverse("guide") in asked("how-it-works").content.decode()


def test_the_page_of_a_round_leads_to_both_and_a_draft_has_neither() -> None:
    found = factories.a_round()
    page = asked("round", found.slug).content.decode()
    draft = factories.a_round(state=State.DRAFT)
    for name in ("round-guide", "round-counter-sheet"):
        assert reverse(name, args=[found.slug]) in page
        assert asked(name, draft.slug).status_code == HTTPStatus.NOT_FOUND
