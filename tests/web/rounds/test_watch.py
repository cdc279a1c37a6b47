from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from html import unescape
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde.core.clock import present_time
from abonde.giving.models import Contribution
from abonde.organisations.models import Kind, Organisation
from abonde.projects.models import Project
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.web.rounds.watch import HEIGHT, WIDTH, bars_of
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


def browser_of(organisation: Organisation) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.the_manager(organisation))
    return client


def page(organisation: Organisation, found: Round, name: str = "round-watch") -> str:
    answered = browser_of(organisation).get(reverse(name, args=[organisation.slug, found.slug]))
    assert answered.status_code == HTTPStatus.OK
    return unescape(answered.content.decode())


def three_gifts_on_two_days() -> tuple[Round, Project]:
    """Camille gives twice on the first day, and two days later somebody else does."""
    found = factories.a_round()
    garden = factories.a_project(found)
    camille = factories.a_person()
    first = [factories.a_settled_gift(garden, cents, person=camille, voice=False) for cents in (500, 700)]
    Contribution.objects.filter(pledge__in=first).update(settled_at="2026-10-01T12:00:00+00:00")
    last = factories.a_settled_gift(garden, 2_000)
    Contribution.objects.filter(pledge=last).update(settled_at="2026-10-03T12:00:00+00:00")
    return found, garden


def test_a_host_sees_money_and_people_of_each_day_drawn_told_and_as_a_file() -> None:
    found, _garden = three_gifts_on_two_days()
    shown = page(found.host, found)
    assert 'Given each day</strong> <span class="soft small">The tallest bar is €20.' in shown
    assert 'People who gave each day</strong> <span class="soft small">The tallest bar is 1.' in shown
    assert shown.count("<figure") == 3
    assert shown.count('class="chart__bar"') == 2 + 3 + 2, "what has come in so far has no gaps"
    assert "From the first day to the last: €32." in shown
    rows = list(csv.DictReader(io.StringIO(page(found.host, found, "round-watch-csv"))))
    assert rows == [
        {"day": "2026-10-01", "gifts": "2", "received_cents": "1200", "people": "1"},
        {"day": "2026-10-03", "gifts": "1", "received_cents": "2000", "people": "1"},
    ]


@pytest.mark.parametrize("kind", [Kind.CERTIFIER, Kind.FUNDER])
def test_the_others_see_the_money_of_each_day_and_no_people(kind: Kind) -> None:
    found, _garden = three_gifts_on_two_days()
    organisation = Organisation.objects.get(kind=kind, parties__round=found)
    shown = page(organisation, found)
    assert "The tallest bar is €20." in shown
    assert shown.count("<figure") == 2
    rows = list(csv.reader(io.StringIO(page(organisation, found, "round-watch-csv"))))
    assert rows == [
        ["day", "gifts", "received_cents"],
        ["2026-10-01", "2", "1200"],
        ["2026-10-03", "1", "2000"],
    ]


def test_a_round_without_gifts_is_calm() -> None:
    found = factories.a_round()
    assert "No gift yet" in page(found.host, found)
    assert page(found.host, found, "round-watch-csv") == "day,gifts,received_cents\n"


def test_a_week_is_told_beside_the_one_before() -> None:
    found = factories.a_round(state=State.GIVING)
    garden = factories.a_project(found)
    for ago, cents in ((0, 500), (6, 700), (7, 2_000), (13, 1_000), (14, 9_000)):
        gift = factories.a_settled_gift(garden, cents)
        Contribution.objects.filter(pledge=gift).update(settled_at=present_time() - timedelta(days=ago))
    shown = page(found.host, found)
    assert "In the last seven days people gave €12, and €30 in the seven before." in shown
    assert "Open for gifts until" in shown


def test_watching_costs_few_questions(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    found, _garden = three_gifts_on_two_days()
    client = browser_of(found.host)
    address = reverse("round-watch", args=[found.host.slug, found.slug])
    client.get(address)
    with django_assert_max_num_queries(14):
        client.get(address)


def test_days_without_gifts_are_gaps_and_bars_stay_within_the_drawing() -> None:
    day = date(2026, 10, 1)
    bars = bars_of({day: 1, day + timedelta(days=9): 1_000_000}, str)
    assert [bar.said.rpartition(" – ")[2] for bar in bars] == ["1", "1000000"]
    assert [bar.height for bar in bars] == [2, HEIGHT - 10]
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in bars)
    assert bars[1].x - bars[0].x == WIDTH * 9 // 10
    assert bars_of({}, str) == []
