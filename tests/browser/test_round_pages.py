"""The pages of rounds and funds in a real browser: nothing for axe to find, nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from abonde.funds.models import Agreement
from abonde.organisations.models import Kind, Organisation
from abonde.people.models import Person
from abonde.rounds.models import SignedText
from abonde.rounds.states import State
from tests.browser.conftest import DESK, PHONE
from tests.factories import a_project, a_round, a_settled_gift, a_signed_draft, the_manager

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def site(database: None) -> Iterator[str]:
    """The address of a server for this test."""
    cache.clear()
    server = LiveServer("localhost")
    yield server.url
    server.stop()


def pages() -> Iterator[tuple[Person | None, str]]:
    """Who opens what."""
    giving = a_round(state=State.GIVING)
    for cents in (1_000, 5_000):
        a_settled_gift(a_project(giving), cents)
    yield from ((None, path) for path in ("/", "/campagnes/"))
    yield from ((None, f"/campagnes/{giving.slug}/{page}") for page in ("", "reglement/", "?q=nothing"))
    space = f"/espace/{giving.host.slug}"
    own = f"{space}/campagnes/{giving.slug}/"
    yield from ((the_manager(giving.host), own + page) for page in ("", "suivi/", "signatures/", "trio/"))

    signed = a_signed_draft()
    manager, space = the_manager(signed.host), f"/espace/{signed.host.slug}"
    own = f"{space}/campagnes/{signed.slug}/"
    steps = (
        "",
        "identite/",
        "territoire/?q=die",
        "defis/",
        "calendrier/",
        "abondement/?preset=plain",
        "registre/",
    )
    text = SignedText.objects.get(round=signed)
    more = ("trio/", "signatures/", f"signer/{text.sha256}/", "ouvrir/", "abandonner/")
    yield from ((manager, own + page) for page in (*steps, *more))
    fund = f"{space}/fonds/{signed.slug}/"
    agreement = Agreement.objects.get(pot__fund__round=signed)
    rooms = ("", "enveloppes/nouvelle/", "engagements/nouveau/", f"engagements/{agreement.pk}/")
    yield from ((manager, fund + page) for page in rooms)
    yield from ((manager, f"{space}/{page}") for page in ("fonds/", "campagnes/", "campagnes/nouvelle/"))

    funder = Organisation.objects.get(kind=Kind.FUNDER, parties__round=signed)
    space = f"/espace/{funder.slug}"
    theirs = (
        f"campagnes/{signed.slug}/",
        f"fonds/{signed.slug}/",
        f"fonds/{signed.slug}/engagements/nouveau/",
    )
    yield from ((the_manager(funder), f"{space}/{page}") for page in theirs)


def cookie_of(person: Person, site: str) -> dict[str, str]:
    client = Client()
    client.force_login(person)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}


def test_every_page_reads_well_at_a_desk_and_on_a_phone(browser: Browser, site: str) -> None:
    troubles = []
    for person, path in pages():
        # The policy against inline scripts would keep axe itself out.
        context = browser.new_context(locale="fr-FR", bypass_csp=True)
        if person is not None:
            context.add_cookies([cookie_of(person, site)])  # type: ignore[list-item]
        page = context.new_page()
        answer = page.goto(site + path)
        assert answer is not None
        assert answer.status == 200, path
        for size in (DESK, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if (wide := page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) > 0:
                troubles.append(f"{path}: {wide} pixels too wide at {size['width']}")
        found = Axe().run(page).response["violations"]
        troubles += [f"{path}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in found]
        context.close()
    assert not troubles, "\n".join(troubles)
