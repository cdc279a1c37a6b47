"""Every page in a real browser: nothing for axe to find in light or in dark colours, nothing wider than a small phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from abonde.people.models import Person
from tests.browser.everywhere import pages
from tests.browser.states import states
from tests.browser.visit import Visit, opened
from tests.web.privileges import a_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NARROW: Final = 320
WIDTHS: Final = (1280, 390, NARROW)
ZOOMED: Final = 640
"""What is left of 1280 pixels at 200 %."""
TWICE_AS_LARGE: Final = "() => { document.documentElement.style.fontSize = '200%'; }"
SMALL: Final = {"width": NARROW, "height": 700}
EVERY_RULE: Final = {"resultTypes": ["violations"]}
IN_THE_DARK: Final = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
TOO_WIDE: Final = """() => {
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over <= 0) return "";
  const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > window.innerWidth + 1);
  return `${over} pixels too wide: ${wide.slice(-1).map(e => e.outerHTML.slice(0, 200))}`;
}"""


@pytest.fixture
def site(database: None) -> Iterator[str]:
    """The address of a server for this test."""
    cache.clear()
    server = LiveServer("localhost")
    yield server.url
    server.stop()


def cookie_of(person: Person, site: str) -> dict[str, str]:
    client = Client()
    client.force_login(person)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}


def violations(page: Page, options: Mapping[str, list[str]] = EVERY_RULE) -> list[str]:
    found = Axe().run(page, options=dict(options)).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"][:3]]


def troubles_of(page: Page, visit: Visit, site: str) -> list[str]:
    """What is wrong with one page."""
    page.emulate_media(color_scheme="light")
    status = opened(page, visit, site)
    found = [f"answered {status}"] if status != visit.status else []
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"in the dark, {one}" for one in violations(page, IN_THE_DARK)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width}: {wide}" for wide in [page.evaluate(TOO_WIDE)] if wide]
    page.set_viewport_size({"width": ZOOMED, "height": 422})
    page.evaluate(TWICE_AS_LARGE)
    found += [f"letters twice as large: {wide}" for wide in [page.evaluate(TOO_WIDE)] if wide]
    return found


class Everyone:
    """A browser for each person, in which they are logged in."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site = browser, site
        self.pages: dict[Person | None, Page] = {}

    def page_of(self, person: Person | None) -> Page:
        if person not in self.pages:
            # The policy against inline scripts would keep axe itself out.
            context: BrowserContext = self.browser.new_context(
                locale="fr-FR",
                bypass_csp=True,
                reduced_motion="reduce",
                viewport=SMALL,  # type: ignore[arg-type]
            )
            if person is not None:
                context.add_cookies([cookie_of(person, self.site)])  # type: ignore[list-item]
            self.pages[person] = context.new_page()
        return self.pages[person]


def test_the_check_itself_sees_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page(color_scheme="dark")
    page.set_content(
        '<html lang="en"><title>t</title><main><h1>t</h1><input><p style="width:900px">t</p></main>'
    )
    page.set_viewport_size({"width": NARROW, "height": 844})
    assert any(one.startswith("label:") for one in violations(page))
    assert "pixels too wide" in page.evaluate(TOO_WIDE)
    page.set_content(
        '<html lang="en"><title>t</title><main><h1 style="color:#eee;background:#fff">Pale words</h1></main>'
    )
    assert any(one.startswith("color-contrast:") for one in violations(page, IN_THE_DARK))


@pytest.mark.parametrize("in_workspaces", [False, True])
def test_every_page_is_for_everyone(browser: Browser, site: str, in_workspaces: bool) -> None:
    every: list[Visit] = [*pages(a_world()), *states()]
    visits = [visit for visit in every if visit.path.startswith("/espace/") == in_workspaces]
    everyone, troubles = Everyone(browser, site), list[str]()
    for visit in visits:
        found = troubles_of(everyone.page_of(visit.person), visit, site)
        troubles += [f"{visit.name} as {visit.who}: {one}" for one in found]
    assert len(visits) > 50
    assert not troubles, "\n".join(troubles)
