"""Long lists of workspaces: sorted, narrowed, ticked, paged, taken away, and calm about what nobody understands."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde.organisations.models import Role
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from abonde.web import listing
from abonde.web.listing import plain
from tests import factories

pytestmark = pytest.mark.usefixtures("database")

LEAST = 100_000
"""What the projects need at least (cents), beside which the tests say what more they wish for."""
Asked = str | int | list[str | int]

QUESTIONS = 12
"""What the page of a queue asks, however many rows it shows."""


@dataclass(frozen=True)
class Queue:
    """Applications of one round, and a reviewer who looks at them."""

    client: Client
    address: str
    projects: list[Project]

    def page(self, **asked: Asked) -> str:
        return self.client.get(self.address, asked).content.decode()

    def names(self, **asked: Asked) -> list[str]:
        return re.findall(r'role="rowheader"[^>]*><a [^>]*><bdi>([^<]*)</bdi>', self.page(**asked))

    def file(self, **asked: Asked) -> list[list[str]]:
        response = self.client.get(self.address, asked)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith("attachment")
        return list(csv.reader(response.content.decode().splitlines()))


def a_queue(*needs: int, names: tuple[str, ...] = ()) -> Queue:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    projects = []
    for number, need in enumerate(needs):
        project = factories.a_project(
            found, state=State.SUBMITTED, name=names[number] if names else f"P{number}"
        )
        Project.objects.filter(pk=project.pk).update(need_ideal=LEAST + need)
        projects.append(project)
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.an_agent(found.host, Role.REVIEWER))
    return Queue(client, reverse("review-queue", args=[found.host.slug, found.slug]), projects)


def test_headings_sort_both_ways_and_say_how() -> None:
    queue = a_queue(3000, 2000, 1000)
    assert queue.names() == ["P0", "P1", "P2"], "those that have waited longest"
    assert queue.names(tri="ideal") == ["P2", "P1", "P0"]
    assert queue.names(tri="-project") == ["P2", "P1", "P0"]
    assert queue.names(tri="-ideal") == ["P0", "P1", "P2"]
    page = queue.page(tri="-ideal")
    assert page.count("aria-sort") == 1
    assert re.search(r'aria-sort="descending"><a id="tri-ideal" href="\?tri=ideal">', page), "and back"
    assert 'href="?tri=-ideal"' in queue.page(), "amounts begin with the greatest"


@pytest.mark.parametrize(
    "asked",
    [
        {"tri": "nothing"},
        {"tri": "--ideal"},
        {"tri": "%00"},
        {"page": "10" * 12},
        {"page": "0"},
        {"page": "abc"},
    ],
)
def test_what_nobody_understands_counts_as_not_written(asked: dict[str, str]) -> None:
    assert a_queue(1000, 2000).names(**asked) == ["P0", "P1"]


def test_a_list_is_narrowed_and_stays_so_while_it_is_sorted() -> None:
    queue = a_queue(3000, 1000, 2000, names=("Jardin du port", "Jardin du lac", "Four à pain"))
    assert queue.names(q="jardin") == ["Jardin du port", "Jardin du lac"]
    assert queue.names(q="jardin", tri="ideal") == ["Jardin du lac", "Jardin du port"]
    assert 'href="?q=jardin&amp;tri=project"' in queue.page(q="jardin")
    assert "Nothing like this" in queue.page(q="château")
    assert queue.names(challenge="999999999999999999999") == [
        "Jardin du port",
        "Jardin du lac",
        "Four à pain",
    ]


def test_pages_hold_so_many_rows_and_ask_as_often_for_each(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    queue = a_queue(1, 2, 3, 4, 5)
    assert queue.names(page=3) == queue.names(page=99) == ["P4"]
    assert "tri=-ideal&amp;page=2" in queue.page(tri="-ideal")
    monkeypatch.setattr(listing, "PER_PAGE", 50)
    with django_assert_max_num_queries(QUESTIONS):
        queue.page()


def test_all_rows_or_the_ticked_ones_are_a_file() -> None:
    queue = a_queue(3000, 2000, 1000)
    head, *rows = queue.file(fichier="tout", tri="-ideal")
    assert head == ["project", "challenge", "ideal", "handed_in", "state"]
    assert [(row[0], row[2], row[4]) for row in rows] == [
        ("P0", "103000", "submitted"),
        ("P1", "102000", "submitted"),
        ("P2", "101000", "submitted"),
    ]
    elsewhere = factories.a_project(factories.a_round(), name="Ailleurs").pk
    ticked: list[str | int] = [queue.projects[1].pk, elsewhere, "x", "9" * 40, ""]
    assert [row[0] for row in queue.file(fichier="choix", choix=ticked)[1:]] == ["P1"]
    assert queue.file(fichier="choix", choix="x") == [head]
    assert "Tick the rows that you want" in queue.page(fichier="choix", tri="-ideal")
    assert queue.names(fichier="choix", tri="-ideal") == ["P0", "P1", "P2"], "as it was"
    assert "Tick the rows" not in queue.page()


def test_no_spreadsheet_takes_a_name_for_a_formula() -> None:
    queue = a_queue(1000, names=("=1+1",))
    assert queue.file(fichier="tout")[1][0] == "'=1+1"
    assert (plain(-12), plain("-12"), plain(None)) == ("-12", "'-12", "")
