"""`make screens`: pictures of every page that links lead to in the demonstration, into build/screens.

No test: it asserts nothing, and pytest finds it by its name only. Each page is taken at 390 and 1280 pixels, in light and in
dark colours, as the first of the demonstration's people who comes upon it.
"""

from __future__ import annotations

import re
import shutil
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
from abonde.people.models import Person
from abonde.people.sessions import SessionStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER: Final = Path(__file__).parents[2] / "build/screens"
SIZES: Final = {390: 844, 1280: 900}
MOST_OF_A_KIND: Final = 4
"""Rounds and projects stand in several states: so many pages of each address are taken, the others look the same."""
SEE_ALL_PICTURES: Final = """() => Promise.all([...document.images].map(image => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}))"""
NOT_FOLLOWED: Final = frozenset({"set_language", "account_logout", "project-picture", "project-document"})
ALSO: Final = ("/no/such/page", "/style/", "/campagnes/?q=rien", "/simulateur/")


@pytest.fixture
def site(database: None) -> Iterator[str]:
    """A demonstration and its address."""
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
    if not is_loaded():
        load()
    server = LiveServer("localhost")
    with override_settings(PUBLIC_URL=server.url):
        yield server.url
    server.stop()


def test_pictures_of_every_page(browser: Browser, site: str) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    taken: dict[str, int] = {}
    seen: set[str] = set()
    for account in (None, *DemonstrationAccount.objects.select_related("person").order_by("position")):
        context = browser.new_context(locale="fr-FR", reduced_motion="reduce")
        if account is not None:
            context.add_cookies([{"name": "sessionid", "value": _session(account.person), "url": site}])
        starts = ["/", *ALSO] if account is None else [account.address, "/mon-compte/", "/mes-projets/"]
        who = "visitor" if account is None else re.sub(r"\W+", "-", account.title.lower())
        _walk(context.new_page(), site, who, starts, taken, seen)
        context.close()
    assert len(taken) > 50


def _walk(page: Page, site: str, who: str, starts: list[str], taken: dict[str, int], seen: set[str]) -> None:
    waiting = list(starts)
    while waiting:
        path = waiting.pop(0)
        name = _name_of(path)
        if path in seen or name in NOT_FOLLOWED or taken.get(name, 0) >= MOST_OF_A_KIND:
            continue
        if not _is_page(page, site + path):
            continue
        arrived = page.url.removeprefix(site)
        if arrived != path:  # led elsewhere, such as to the log-in, which is a page of its own
            waiting.append(urldefrag(arrived).url)
            continue
        seen.add(path)
        taken[name] = taken.get(name, 0) + 1
        _take(page, f"{name}-{taken[name]}-{who}")
        links = page.eval_on_selector_all(
            "main a[href], nav a[href], footer a[href]", "all => all.map(a => a.href)"
        )
        waiting += [urldefrag(link).url.removeprefix(site) for link in links if link.startswith(site)]


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
    kind = (found.kwargs.get("org") or "").split("-")[0]
    return "-".join(part for part in (str(found.url_name), kind) if part)


def _session(person: Person) -> str:
    """A session of the person, with the proof that some pages ask for."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    assert session.session_key is not None
    return session.session_key
