from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde.core.clock import present_time
from abonde.organisations.models import Role
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")

QUERIES = 10
"""What the list of a host's questions asks, however many rows it shows."""


def browser(person: Person | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if person:
        client.force_login(person)
    return client


def test_a_question_goes_its_whole_way() -> None:
    holder = factories.a_person(name="Alix")
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), holder=holder)
    place = [project.round.slug, project.slug]
    page, ask = reverse("project", args=place), reverse("project-ask", args=place)
    anonymous, curious = browser(), browser(factories.a_person(name="Zoé Curieuse"))
    assert ask in anonymous.get(page).content.decode()
    assert anonymous.get(ask).headers["Location"].endswith(f"?next={ask}")
    empty = curious.post(ask, {"question": " "})
    assert empty.status_code == 200
    assert "error-summary" in empty.content.decode()
    sent = curious.post(ask, {"question": "<b>Where</b> is it?\nAnd when?"}, follow=True)
    shown = sent.content.decode()
    assert "&lt;b&gt;Where&lt;/b&gt; is it?<br>And when?" in shown
    assert "Zoé" not in anonymous.get(page).content.decode(), "nobody is named"

    carrying = browser(holder)
    own = carrying.get(reverse("my-project", args=[project.pk])).content.decode()
    assert "1 to answer" in own
    question = project.questions.get()
    answer = reverse("project-answer", args=[project.pk, question.pk])
    assert answer in carrying.get(reverse("project-questions", args=[project.pk])).content.decode()
    answered = carrying.post(answer, {"answer": "In Die, on Saturdays."}, follow=True)
    assert "In Die, on Saturdays." in answered.content.decode()
    assert "In Die, on Saturdays." in anonymous.get(page).content.decode()

    host = browser(factories.an_agent(project.round.host, Role.REVIEWER))
    room = reverse("questions", args=[project.round.host.slug])
    hide = reverse("question-hide", args=[project.round.host.slug, question.pk])
    assert hide in host.get(room).content.decode()
    assert "What will happen" in host.get(hide).content.decode()
    assert "error-summary" in host.post(hide, {"reason": ""}).content.decode()
    hidden = host.post(hide, {"reason": "Out of place"}, follow=True).content.decode()
    assert "Out of place" in hidden
    assert "In Die, on Saturdays." not in anonymous.get(page).content.decode()
    assert host.get(hide).status_code == 404
    reader = browser(factories.an_agent(project.round.host, Role.READER))
    assert hide not in reader.get(room).content.decode()


def test_the_questions_to_a_host_are_narrowed_taken_away_and_read_at_once(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    found = factories.a_round(state=RoundState.GIVING)
    garden, oven = (factories.a_project(found, name=name) for name in ("Jardin", "Four à pain"))
    elsewhere = factories.a_project(factories.a_round(host=found.host), name="Ailleurs")
    author = factories.a_person()
    where = garden.questions.create(author=author, body="Where?\nAnd when?")
    answered = oven.questions.create(
        author=author, body="=How?", answer="With wood.", answered_by=author, answered_at=present_time()
    )
    elsewhere.questions.create(
        author=author, body="Silly!", hidden_because="An insult", hidden_by=author, hidden_at=present_time()
    )
    host = browser(factories.an_agent(found.host, Role.REVIEWER))
    room = reverse("questions", args=[found.host.slug])

    def bodies(**asked: str) -> list[str]:
        return re.findall(r'role="rowheader"[^>]*><bdi>([^<]*)', host.get(room, asked).content.decode())

    assert bodies() == ["Silly!", "=How?", "Where?"]
    assert bodies(tri="asked") == ["Where?", "=How?", "Silly!"]
    assert (bodies(state="waiting"), bodies(state="answered"), bodies(state="hidden")) == (
        ["Where?"],
        ["=How?"],
        ["Silly!"],
    )
    assert bodies(round=found.slug) == ["=How?", "Where?"]
    assert bodies(q="JARDIN") == bodies(q="and when") == ["Where?"]
    assert len(bodies(round="nowhere", state="nonsense")) == 3
    page = host.get(room).content.decode()
    assert "Where?<br>And when?" in page
    assert "<p>With wood.</p>" in page
    assert "An insult" in page
    file = host.get(f"{room}?fichier=choix&choix={where.pk}&choix={answered.pk}").content.decode()
    head, *rows = list(csv.reader(io.StringIO(file)))
    assert head == ["question", "answer", "project", "asked", "state"]
    assert [(row[0], row[1], row[2], row[4]) for row in rows] == [
        ("'=How?", "With wood.", "Four à pain", "answered"),
        ("Where?\nAnd when?", "", "Jardin", "waiting"),
    ]
    with django_assert_max_num_queries(QUERIES):
        host.get(room)
    reader = browser(factories.an_agent(found.host, Role.READER))
    assert "Take off the page" not in reader.get(room).content.decode()


def test_a_refusal_keeps_what_was_typed_and_a_project_elsewhere_has_no_such_question() -> None:
    holder = factories.a_person()
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), holder=holder)
    other = factories.a_project(project.round, holder=holder)
    carrying = browser(holder)
    ask = reverse("project-ask", args=[project.round.slug, project.slug])
    kept = carrying.post(ask, {"question": "May I ask myself?"}).content.decode()
    assert "You run" in kept
    assert "May I ask myself?" in kept
    question = project.questions.create(author=factories.a_person(), body="Where?")
    assert carrying.get(reverse("project-answer", args=[other.pk, question.pk])).status_code == 404


def test_a_project_that_is_over_takes_no_question() -> None:
    project = factories.a_project(factories.a_round(state=RoundState.FINAL))
    place = [project.round.slug, project.slug]
    ask = reverse("project-ask", args=place)
    assert ask not in browser().get(reverse("project", args=place)).content.decode()
    asking = browser(factories.a_person())
    assert "takes no questions any more" in asking.get(ask).content.decode()
    assert "takes no questions any more" in asking.post(ask, {"question": "?"}).content.decode()
    assert not Project.objects.get(pk=project.pk).questions.exists()
