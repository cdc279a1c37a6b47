from __future__ import annotations

from datetime import timedelta
from html import unescape
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde.core.clock import present_time
from abonde.organisations.models import Kind, Organisation
from abonde.people.models import Person
from abonde.projects.actions import ask_question, publish_update
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")

MOST_QUERIES = 24


def browser_of(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def page(client: Client, name: str, *place: object) -> str:
    response = client.get(reverse(name, args=place))
    assert response.status_code == HTTPStatus.OK
    return unescape(response.content.decode())


def dashboard(organisation: Organisation) -> str:
    return page(browser_of(factories.the_manager(organisation)), "workspace", organisation.slug)


@pytest.mark.parametrize(
    ("state", "word", "sentence"),
    [
        (RoundState.DRAFT, "Draft", "Nothing of it is public yet."),
        (RoundState.APPLICATIONS, "Applications", "Projects can apply until"),
        (RoundState.SELECTION, "Selection", "Giving begins on"),
        (RoundState.GIVING, "Giving", "People can give until"),
        (RoundState.CLOSED, "Closed", "Giving ended on"),
    ],
)
def test_a_host_reads_where_its_rounds_stand(state: RoundState, word: str, sentence: str) -> None:
    found = factories.a_round(state=state, name="Notre bassin")
    shown = dashboard(found.host)
    standing = shown[shown.index("Where your rounds stand") :]
    assert "Notre bassin" in standing
    assert word in standing
    assert sentence in standing
    follows = reverse("round-watch", args=[found.host.slug, found.slug])
    assert (follows in standing) == (state in {RoundState.GIVING, RoundState.CLOSED})


def test_a_round_that_was_given_up_is_left_to_the_list_of_rounds() -> None:
    found = factories.a_round(state=RoundState.CANCELLED)
    assert "Where your rounds stand" not in dashboard(found.host)


@pytest.mark.parametrize("kind", [Kind.CERTIFIER, Kind.FUNDER])
def test_the_others_of_the_trio_read_it_once_they_take_part(kind: Kind) -> None:
    organisation = factories.an_organisation(kind)
    assert "Where your rounds stand" not in dashboard(organisation)
    found = factories.a_round(state=RoundState.GIVING, **{kind.value: organisation})  # type: ignore[arg-type]
    shown = dashboard(organisation)
    assert reverse("workspace-round", args=[organisation.slug, found.slug]) in shown
    assert "People can give until" in shown
    assert shown.count("Nothing is waiting for you") == 1


def test_many_rounds_cost_a_dashboard_no_more_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    host = factories.an_organisation(Kind.HOST)
    for _ in range(4):
        found = factories.a_round(state=RoundState.APPLICATIONS, host=host)
        factories.a_project(found, state=State.SUBMITTED)
    visitor = browser_of(factories.the_manager(host))
    page(visitor, "workspace", host.slug)
    with django_assert_max_num_queries(MOST_QUERIES):
        shown = page(visitor, "workspace", host.slug)
    assert shown.count("1 application to read") == 4


def test_holders_read_what_waits_in_their_projects_by_its_end(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    holder = factories.a_person()
    mine = browser_of(holder)
    soon = factories.a_round(
        state=RoundState.APPLICATIONS, applications_close_at=present_time() + timedelta(days=2)
    )
    later = factories.a_round(state=RoundState.APPLICATIONS)
    factories.a_project(later, state=State.RETURNED, holder=holder, name="Le lavoir")
    factories.a_project(soon, state=State.DRAFT, holder=holder, name="Le four à pain")
    shown = page(mine, "my-projects")
    first, second = shown.index("Finish Le four à pain"), shown.index("Complete Le lavoir")
    assert first < second
    assert "until" in shown[first:second]

    giving = factories.a_round(state=RoundState.GIVING)
    garden = factories.a_project(giving, state=State.SELECTED, holder=holder, name="Le jardin")
    asked = ask_question(person=factories.a_person(), project_id=garden.pk, body="Où est-ce ?")
    assert asked.pk
    with django_assert_max_num_queries(10):
        shown = page(mine, "my-projects")
    assert "1 question about Le jardin waits for your answer." in shown
    assert "Tell what is new with Le jardin" in shown
    publish_update(person=holder, project_id=garden.pk, title="Premiers semis", body="Ils lèvent.")
    assert "Tell what is new with Le jardin" not in page(mine, "my-projects")


def test_holders_for_whom_nothing_waits_are_told_so() -> None:
    holder = factories.a_person()
    mine = browser_of(holder)
    # Who carries nothing reads how to begin.
    assert "Nothing is waiting for you" not in page(mine, "my-projects")
    over = factories.a_round(state=RoundState.CLOSED)
    factories.a_project(over, state=State.SELECTED, holder=holder)
    assert "Nothing is waiting for you" in page(mine, "my-projects")


def test_the_liveliest_round_comes_first() -> None:
    host = factories.an_organisation(Kind.HOST)
    for state, name in (
        (RoundState.GIVING, "Qui donne"),
        (RoundState.FINAL, "Finie"),
        (RoundState.DRAFT, "Plus tard"),
    ):
        factories.a_round(state=state, host=host, name=name)
    shown = dashboard(host)
    standing = shown[shown.index("Where your rounds stand") :]
    places = [standing.index(name) for name in ("Qui donne", "Plus tard", "Finie")]
    assert places == sorted(places)
