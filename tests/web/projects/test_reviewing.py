from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from abonde.organisations.models import Role
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


def a_queue(number: int) -> tuple[Round, list[Project], Client]:
    """A round with applications that wait, and a reviewer's browser."""
    found = factories.a_round(state=RoundState.APPLICATIONS)
    waiting = [
        factories.a_project(found, state=State.SUBMITTED, name=f"Projet {one}") for one in range(number)
    ]
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.an_agent(found.host, Role.REVIEWER))
    return found, waiting, client


def address(found: Round, project: Project) -> str:
    return reverse("review", args=[found.host.slug, found.slug, project.pk])


def keys_of(page: str) -> list[str]:
    return re.findall(r'accesskey="(.)"', page)


def test_every_key_of_a_review_is_shown_and_stands_for_one_thing() -> None:
    found, (first, second, third), client = a_queue(3)
    page = unescape(client.get(address(found, second)).content.decode())
    assert keys_of(page) == ["p", "n", "1", "2", "3", "d", "s"]
    assert re.findall(r"<kbd aria-hidden=\"true\">(.)</kbd>", page) == ["P", "N", "1", "2", "3", "D", "S"]
    assert "3 applications wait" in page
    assert f'rel="prev" href="{address(found, first)}" accesskey="p"' in page
    assert f'rel="next" href="{address(found, third)}" accesskey="n"' in page


def test_one_reads_on_after_deciding_until_none_waits() -> None:
    found, (first, second), client = a_queue(2)
    sent = {"verdict": "admit", "reasons": "", "version": first.version, "next": "1"}
    answered = client.post(address(found, first), sent, follow=True)
    assert answered.redirect_chain == [(address(found, second), HTTPStatus.FOUND)]
    assert "Your decision is kept" in answered.content.decode()
    last = answered.content.decode()
    assert keys_of(last) == ["1", "2", "3", "d"]  # none before, none after

    sent = {"verdict": "admit", "reasons": "", "version": second.version, "next": "1"}
    assert client.post(address(found, second), sent).headers["Location"] == address(found, second)
    assert "Your decision" not in re.sub(
        "Your decision is kept", "", client.get(address(found, second)).content.decode()
    )


def test_a_refused_decision_stays_where_it_is_and_keeps_what_was_written() -> None:
    found, (first, _second), client = a_queue(2)
    sent = {"verdict": "refuse", "reasons": "", "version": first.version, "next": "1"}
    page = client.post(address(found, first), sent)
    assert page.status_code == HTTPStatus.OK
    assert "Give your reasons" in page.content.decode()
    assert re.search(r'value="refuse"[^>]*checked', page.content.decode())
