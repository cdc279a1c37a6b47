from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils.translation import override
from pytest_django import Settings

from abonde.matching import PRESETS, Gift, raw_support, tally_gifts
from abonde.matching.roots import UNIT
from abonde.people import personal_data

PAGES = ("/comment-ca-marche/", "/mentions-legales/", "/confidentialite/", "/accessibilite/")
STATED = {
    "PUBLISHER": "Fondation des Trois Vallées",
    "PUBLISHER_NUMBER": "123 456 782",
    "PUBLISHER_ADDRESS": "1 place de la Mairie, Die",
    "PUBLISHER_PHONE": "04 75 00 00 00",
    "PUBLICATION_DIRECTOR": "Ariane Bertrand",
    "HOSTING": "Machines du Vercors",
    "CONTACT": "bonjour@example.org",
}


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def words_of(visitor: Client, address: str) -> str:
    return unescape(visitor.get(address).content.decode())


@pytest.mark.parametrize("address", PAGES)
def test_every_page_leads_to_what_explains(visitor: Client, address: str) -> None:
    page = words_of(visitor, address)
    footer = page[page.index("<footer") :]
    assert all(f'href="{other}"' in footer for other in PAGES)
    assert page.count("<h1") == 1


def test_the_example_weighs_what_the_mechanism_says(visitor: Client) -> None:
    rules = PRESETS["plain"]
    gifts = [Gift(f"person {n}", "many", 500) for n in range(10)] + [Gift("rich", "one", 50_000)]
    tally = tally_gifts(gifts, rules)
    many, one = (round(raw_support(tally[project], rules) / UNIT / 100) for project in ("many", "one"))
    assert (many, one) == (450, 0)
    page = words_of(visitor, "/comment-ca-marche/")
    weights = re.findall(r'<span class="weighing__number">(\d+)</span>', page)
    assert weights == [str(many), str(one)]


def test_what_is_kept_is_told_to_everyone(visitor: Client) -> None:
    page = words_of(visitor, "/confidentialite/")
    assert len(personal_data.sources) > 5
    with override("en"):
        for kept in personal_data.sources:
            assert str(kept.what) in page
            assert str(kept.until) in page


def test_cookies_are_those_that_are_named(visitor: Client, database: None, settings: Settings) -> None:
    page = words_of(visitor, "/confidentialite/")
    visitor.post("/language", {"language": "en", "next": "/"})
    visitor.get("/compte/connexion/")
    visitor.post("/compte/connexion/", {"email": "somebody@example.org"})
    assert settings.SESSION_COOKIE_NAME in visitor.cookies
    assert all(f"<code>{name}</code>" in page for name in visitor.cookies)


def test_the_legal_notice_says_who_publishes_and_what_is_missing(visitor: Client, settings: Settings) -> None:
    page = words_of(visitor, "/mentions-legales/")
    assert page.count("Not stated yet") == len(STATED)
    assert "has not filled everything in yet" in page
    assert "ABONDE_" not in page
    for name, value in STATED.items():
        setattr(settings, name, value)
    page = words_of(visitor, "/mentions-legales/")
    assert "not stated yet" not in page.lower()
    assert all(value in page for value in STATED.values())
    assert 'href="mailto:bonjour@example.org"' in words_of(visitor, "/accessibilite/")
    settings.DATA_PROTECTION_CONTACT = "donnees@example.org"
    assert 'href="mailto:donnees@example.org"' in words_of(visitor, "/confidentialite/")
