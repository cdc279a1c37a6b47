"""The page of work that takes long: its bar alone comes again, and the page where a person stands stays still around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from abonde.rounds.models import Round
from abonde.rounds.states import State
from tests.browser.installation import Installation
from tests.browser.test_accessibility import cookie_of, troubles_of
from tests.browser.visit import Visit
from tests.factories import a_round, the_manager

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def counted(database: None) -> Round:
    """A round whose result has been asked for, of a worker that will not begin while the test lasts."""
    found = a_round(state=State.CLOSED)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)"
            " VALUES ('settlement', 'compute_result', jsonb_build_object('round_id', %s), now() + interval '1 day')",
            [found.pk],
        )
    return found


def done(found: Round) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE (args->>'round_id')::bigint = %s",
            [found.pk],
        )


def opened(page: Page, site: Installation, found: Round) -> str:
    """Open the page of the computation as the host's manager; where it leads in the end."""
    page.context.add_cookies([cookie_of(the_manager(found.host), site.url)])  # type: ignore[list-item]
    result = f"{site.url}/espace/{found.host.slug}/campagnes/{found.slug}/resultats/"
    page.goto(f"{result}calcul/")
    return result


def test_only_the_bar_comes_again_until_the_work_is_done(
    counted: Round, installation: Installation, desk: Page
) -> None:
    from playwright.sync_api import expect

    result = opened(desk, installation, counted)
    underway = Visit("long work", desk.url.removeprefix(installation.url))
    assert troubles_of(desk, underway, installation.url) == []
    desk.get_by_role("link", name="Retour au résultat").focus()
    desk.evaluate("document.getElementById('underway').dataset.first = 'yes'")
    expect(desk.locator("#underway[data-first]")).to_have_count(0)
    expect(desk.locator("#underway progress")).to_be_visible()
    expect(desk.get_by_role("link", name="Retour au résultat")).to_be_focused()
    done(counted)
    desk.wait_for_url(result)


def test_without_javascript_the_page_comes_again(
    counted: Round, installation: Installation, phone: Page
) -> None:
    result = opened(phone, installation, counted)
    done(counted)
    phone.wait_for_url(result)
