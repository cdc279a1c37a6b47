"""A real browser on the real pages: Chromium, driven by Playwright, on a server of the test's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.installation import Installation, installed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.plugin import DjangoDbBlocker

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the machine, for one file of tests: Playwright's loop would forbid others in this process to run jobs.

    Where there is none the test is skipped, but not where ABONDE_TEST_BROWSER requires it.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("ABONDE_TEST_BROWSER") == "required":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    # Playwright's loop makes Django believe that the test is asynchronous.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program, args=list(QUIET))
            yield chromium
            chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone-sized screen, in French, with JavaScript off: everything must work without it."""
    context = browser.new_context(viewport=PHONE, locale="fr-FR", java_script_enabled=False)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page on a desk-sized screen, in French."""
    context = browser.new_context(viewport=DESK, locale="fr-FR")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def installation(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Pages and a worker for one file of tests; letters go into a folder."""
    with django_db_blocker.unblock(), installed(tmp_path_factory.mktemp("installation")) as made:
        yield made
