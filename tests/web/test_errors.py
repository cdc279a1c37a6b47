from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from abonde.organisations.models import Role
from abonde.rounds.states import State
from abonde.web.errors import server_error
from tests.factories import a_person, a_round, an_agent


@pytest.fixture
def visitor(database: None) -> Iterator[Client]:
    cache.clear()
    yield Client(headers={"accept-language": "en"})
    cache.clear()


@pytest.mark.parametrize(
    "sent",
    [
        {"email": "a" * 3_000_000},
        {f"field {number}": "x" for number in range(1_001)},
    ],
)
def test_more_than_any_form_takes_is_refused_in_words(visitor: Client, sent: dict[str, str]) -> None:
    answer = visitor.post("/compte/connexion/", sent)
    assert answer.status_code == 413
    assert "Nothing was changed." in answer.content.decode()


def test_a_damaged_request_is_not_taken_for_a_large_one(visitor: Client) -> None:
    answer = visitor.get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "damaged on the way" in answer.content.decode()


def test_who_asks_too_often_is_told_to_wait(visitor: Client) -> None:
    visitor.force_login(a_person())
    answers = [visitor.post(reverse("account_email"), {"action_add": "", "email": ""}) for _ in range(11)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].content.decode()


def test_who_is_lost_is_led_to_the_rounds(visitor: Client) -> None:
    answer = visitor.get("/no/such/page")
    assert answer.status_code == 404
    assert f'class="button" href="{reverse("rounds")}"' in answer.content.decode()


def test_who_has_another_role_is_led_back_to_the_workspace(visitor: Client) -> None:
    host = a_round(state=State.GIVING).host
    visitor.force_login(an_agent(host, Role.READER))
    answer = visitor.get(reverse("round-new", args=[host.slug]))
    assert answer.status_code == 403
    assert f'class="button" href="{reverse("workspace", args=[host.slug])}"' in answer.content.decode()


def test_our_own_failure_leads_to_the_gifts_of_who_was_paying() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert f'href="{reverse("my-gifts")}"' in answer.content.decode()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_while_we_work_on_it_people_are_told_so_and_machines_are_answered(
    settings: Settings, language: str
) -> None:
    settings.MAINTENANCE = True
    visitor = Client(headers={"accept-language": language})  # without the database
    visitor.cookies[settings.SESSION_COOKIE_NAME] = "looked up by any page that asks who is there"
    for answer in (visitor.get("/"), visitor.post("/compte/connexion/", {"email": "a@example.org"})):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "300"
        assert f'<html lang="{language}">' in answer.content.decode()
        assert "error-page__code" in answer.content.decode()
    assert visitor.get("/health/live").status_code == 200
    assert visitor.get("/metrics").status_code == 200
