"""`make screens`: pictures of every page that links lead to in the demonstration, and of every state, into build/screens.

No test: it asserts nothing, and pytest finds it by its name only. Each page is taken at 390 and 1280 pixels, in light and in
dark colours: those of the demonstration as the first of its people who comes upon them; with names that begin with
`state-`, those that it is not in (nothing found, forms that come back, long names); and, with the number 0, those to
which no link leads.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.urls import Resolver404, resolve
from pytest_django.live_server_helper import LiveServer

from abonde.demonstration.loading import is_loaded, load
from abonde.demonstration.models import DemonstrationAccount
from abonde.organisations.models import Organisation
from abonde.people.models import Person
from abonde.people.sessions import SessionStore
from tests.browser.everywhere import pages
from tests.browser.states import states
from tests.browser.visit import opened
from tests.web.privileges import a_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER: Final = Path(__file__).parents[2] / "build/screens"
SIZES: Final = {390: 844, 1280: 900}
MOST_OF_A_KIND: Final = 7
"""Rounds and projects stand in several states: so many pages of each address are taken, the others look the same."""
BY_SO_MANY: Final = 2
"""The same page is taken for the first two who come upon it: mostly somebody unknown, and somebody who is logged in."""
SEE_ALL_PICTURES: Final = """() => Promise.all([...document.images].map(image => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}))"""
LINKS: Final = "main a[href], nav a[href], footer a[href]"
NOT_FOLLOWED: Final = frozenset({"set_language", "account_logout", "project-picture", "project-document"})
ALSO: Final = ("/no/such/page", "/style/", "/campagnes/?q=rien", "/simulateur/")


@pytest.fixture
def site(database: None) -> Iterator[str]:
    """The address of a server."""
    cache.clear()
    server = LiveServer("localhost")
    with override_settings(PUBLIC_URL=server.url):
        yield server.url
    server.stop()


@pytest.fixture
def demonstration(site: str) -> str:
    """A demonstration and its address."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
    if not is_loaded():
        load()
    return site


@pytest.fixture(scope="module", autouse=True)
def empty_folder() -> None:
    """No picture of what is gone."""
    shutil.rmtree(FOLDER, ignore_errors=True)


def test_pictures_of_every_page(browser: Browser, demonstration: str) -> None:
    site = demonstration
    taken: Counter[str] = Counter()
    for account in (None, *DemonstrationAccount.objects.select_related("person").order_by("position")):
        page = _page_of(None if account is None else account.person, browser, site)
        starts = ["/", *ALSO] if account is None else [account.address, "/mon-compte/", "/mes-projets/"]
        who = "visitor" if account is None else re.sub(r"\W+", "-", account.title.lower())
        _walk(page, site, who, starts, taken)
        page.context.close()
    assert len(taken) > 50


def test_pictures_of_every_state(browser: Browser, site: str) -> None:
    windows: dict[Person | None, Page] = {}
    for number, visit in enumerate(states()):
        if visit.person not in windows:
            windows[visit.person] = _page_of(visit.person, browser, site)
        page = windows[visit.person]
        opened(page, visit, site)
        name = re.sub(r"\W+", "-", visit.name)[:60].strip("-")
        _take(page, f"state-{number:03}-{name}")


def test_pictures_of_what_no_link_leads_to(browser: Browser, site: str) -> None:
    """Such as the thanks, the provider's own page and the wait for it: out of the world of the privilege matrix."""
    windows: dict[Person | None, Page] = {}
    for visit in pages(a_world()):
        if any((FOLDER / "390-light").glob(f"{visit.name}-*")):
            continue
        if visit.person not in windows:
            windows[visit.person] = _page_of(visit.person, browser, site)
        opened(windows[visit.person], visit, site)
        _take(windows[visit.person], f"{visit.name}-0-{visit.who.replace(' ', '-')}")


def _page_of(person: Person | None, browser: Browser, site: str) -> Page:
    """A browser in which that person, or nobody, is logged in."""
    context = browser.new_context(locale="fr-FR", reduced_motion="reduce")
    if person is not None:
        context.add_cookies([{"name": "sessionid", "value": _session(person), "url": site}])
    return context.new_page()


def _walk(page: Page, site: str, who: str, starts: list[str], taken: Counter[str]) -> None:
    waiting, seen, opened = list(starts), set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        name = _name_of(path)
        repeats = "?" in path and path not in starts  # the same page, filtered or turned
        if path in seen or repeats or name in NOT_FOLLOWED or opened[name] >= MOST_OF_A_KIND:
            continue
        seen.add(path)
        if not _is_page(page, site + path):
            continue
        arrived = urldefrag(page.url.removeprefix(site)).url
        if arrived != path:  # led elsewhere, such as to the log-in, which is a page of its own
            waiting.append(arrived)
            continue
        opened[name] += 1
        if taken[name] < MOST_OF_A_KIND and taken[path] < BY_SO_MANY:
            taken.update((name, path))
            _take(page, f"{name}-{taken[name]}-{who}")
        links = page.eval_on_selector_all(LINKS, "all => all.map(link => link.href)")
        waiting += [urldefrag(link).url.removeprefix(site) for link in links if link.startswith(f"{site}/")]


def _is_page(page: Page, address: str) -> bool:
    """Go there; what is to be downloaded is no page."""
    from playwright.sync_api import Error

    try:
        answer = page.goto(address)
    except Error as failure:
        if "Download is starting" in failure.message:
            return False
        raise
    return answer is not None and "text/html" in answer.headers.get("content-type", "")


def _take(page: Page, name: str) -> None:
    page.evaluate(SEE_ALL_PICTURES)
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=FOLDER / f"{width}-{scheme}" / f"{name}.png", full_page=True)


def _name_of(path: str) -> str:
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return "no-page"
    kinds = Organisation.objects.filter(slug=found.kwargs.get("org")).values_list("kind", flat=True)
    return "-".join([str(found.url_name), *kinds])


def _session(person: Person) -> str:
    """A session of the person, with the proof that some pages ask for."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    assert session.session_key is not None
    return session.session_key
