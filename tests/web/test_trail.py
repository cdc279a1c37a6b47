from __future__ import annotations

import csv
import io
from datetime import timedelta
from html import unescape
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from abonde.core.models import Event
from abonde.organisations.actions import change_role
from abonde.organisations.models import Kind, Membership, Organisation, Role
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.states import State
from abonde.rounds.actions import call_off_round, edit_round_identity
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


def browser_of(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def trail(organisation: Organisation, client: Client | None = None, **wanted: str) -> str:
    visitor = client or browser_of(factories.the_manager(organisation))
    response = visitor.get(reverse("audit-trail", args=[organisation.slug]), wanted)
    assert response.status_code == HTTPStatus.OK
    return unescape(response.content.decode())


def test_each_deed_is_a_sentence_with_who_what_and_what_changed() -> None:
    found = factories.a_round(state=RoundState.APPLICATIONS, name="Notre bassin")
    reviewer = factories.an_agent(found.host, Role.REVIEWER)
    project = factories.a_project(found, state=State.SUBMITTED, name="Le lavoir")
    actions.admit(person=reviewer, project_id=project.pk, seen=project.version, reasons="")
    call_off_round(person=factories.the_manager(found.host), round=found, reason="La crue")
    shown = " ".join(trail(found.host).split())
    assert f"<bdi>{reviewer}</bdi> <span>found it admissible</span>" in shown
    assert "Le lavoir" in shown
    assert "called the round off" in shown
    assert "<del>Applications</del> → <ins>Called off</ins>" in shown
    assert "signed an agreement" in shown
    assert "€10,000" in shown
    assert shown.index("called the round off") < shown.index("found it admissible")


def test_what_a_form_saved_at_each_pause_is_told_once_and_stands_whole_in_the_file() -> None:
    draft = factories.a_round(state=RoundState.DRAFT, name="Notre bassin")
    manager, other = (factories.an_agent(draft.host, Role.MANAGER) for _one in range(2))
    for person, name in ((manager, "Notre"), (manager, "Notre vallée"), (other, "La vallée")):
        draft.refresh_from_db()
        words = {"name": name, "summary": "", "description": ""}
        edit_round_identity(person=person, round_id=draft.pk, seen=draft.version, **words)
    client = browser_of(manager)
    shown = trail(draft.host, client)
    assert shown.count("<span>changed its name or words</span>") == 2
    assert "<ins>Notre vallée</ins>" in shown
    assert "<ins>Notre</ins>" not in shown
    file = client.get(reverse("audit-trail-csv", args=[draft.host.slug])).content.decode()
    assert file.count("changed its name or words") == 3


def test_one_filters_by_kind_and_day_and_mistakes_are_told() -> None:
    host = factories.an_organisation(Kind.HOST)
    membership = Membership.objects.get(person=factories.an_agent(host, Role.READER), organisation=host)
    change_role(person=factories.the_manager(host), membership=membership, role=Role.REVIEWER)
    factories.a_round(host=host)
    shown = trail(host, kind="team")
    assert "changed the role of an agent" in shown
    assert "<del>reader</del> → <ins>reviewer of applications</ins>" in shown
    assert "opened the fund" not in trail(host, kind="team")
    assert "opened the fund" in trail(host, kind="money")
    today = localdate()
    assert "opened the fund" in trail(host, since=str(today), until=str(today))
    assert "Nothing here" in trail(host, until=str(today - timedelta(days=1)))
    assert "The last day comes before the first" in trail(
        host, since=str(today), until=str(today - timedelta(days=1))
    )
    assert "Select a valid choice" in trail(host, kind="secrets")


def test_nobody_is_named_for_what_citizens_and_drafts_do() -> None:
    found = factories.a_round(state=RoundState.GIVING)
    citizen, holder = factories.a_person(name="Ysaline Rare"), factories.a_person(name="Ombeline Rare")
    garden = factories.a_project(found, state=State.SELECTED, name="Le jardin")
    actions.ask_question(person=citizen, project_id=garden.pk, body="Où ?")
    factories.a_pledge(citizen, {garden: 500})
    taking = factories.a_round(state=RoundState.APPLICATIONS, host=found.host)
    draft = actions.start_application(person=holder, round=taking, name="Un secret")
    actions.withdraw_project(person=holder, project_id=draft.pk, seen=draft.version)
    shown = trail(found.host)
    assert "<bdi>Somebody</bdi> <span>asked a question" in " ".join(shown.split())
    for hidden in ("Ysaline", "Ombeline", "Un secret"):
        assert hidden not in shown


def test_the_others_of_the_trio_read_their_own_deeds_and_no_one_elses() -> None:
    found = factories.an_opened_round()
    funder = Organisation.objects.get(kind=Kind.FUNDER, parties__round=found)
    shown = trail(funder)
    assert "signed an agreement" in shown
    assert "signed the rules" in shown
    assert "<bdi>Fonds</bdi>" in shown, "whose log it is stands above"
    assert f"<bdi>{funder.name}, Fonds</bdi>" in trail(found.host)
    assert "opened the round" not in shown
    assert "opened the round" in trail(found.host)
    assert "opened the round" not in trail(factories.an_organisation(Kind.HOST))


def test_the_trail_is_for_agents_of_the_organisation() -> None:
    host = factories.an_organisation(Kind.HOST)
    for name in ("audit-trail", "audit-trail-csv"):
        address = reverse(name, args=[host.slug])
        assert browser_of(factories.an_agent(host, Role.READER)).get(address).status_code == HTTPStatus.OK
        for stranger in (factories.a_person(), factories.the_manager(factories.an_organisation(Kind.HOST))):
            assert browser_of(stranger).get(address).status_code == HTTPStatus.NOT_FOUND
        assert Client().get(address).status_code == HTTPStatus.FOUND


def test_the_file_holds_the_same_and_no_formula() -> None:
    host = factories.an_organisation(Kind.HOST)
    factories.a_round(host=host, name="=1+1")
    client = browser_of(factories.the_manager(host))
    answered = client.get(reverse("audit-trail-csv", args=[host.slug]), {"kind": "money"})
    rows = list(csv.DictReader(io.StringIO(answered.content.decode())))
    assert {"opened the fund", "signed an agreement"} <= {row["what"] for row in rows}
    assert {row["about"] for row in rows if row["what"] == "opened the fund"} == {"'=1+1"}
    assert "the team" not in answered.content.decode()


def test_a_page_of_many_deeds_costs_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    host = factories.an_organisation(Kind.HOST)
    for _ in range(6):
        factories.a_round(host=host, state=RoundState.APPLICATIONS)
    client = browser_of(factories.the_manager(host))
    trail(host, client)
    assert Event.objects.filter(tenant=host.reference).count() > 20
    with django_assert_max_num_queries(16):
        trail(host, client)


def test_one_filters_by_round_and_by_colleague_and_never_by_citizen() -> None:
    host = factories.an_organisation(Kind.HOST)
    valley = factories.a_round(host=host, state=RoundState.APPLICATIONS, name="Notre vallée")
    harbour = factories.a_round(host=host, state=RoundState.APPLICATIONS, name="Notre port")
    reviewer, citizen = factories.an_agent(host, Role.REVIEWER), factories.a_person()
    for found, name in ((valley, "Le lavoir"), (harbour, "Le phare")):
        project = factories.a_project(found, state=State.SUBMITTED, name=name)
        actions.admit(person=reviewer, project_id=project.pk, seen=project.version, reasons="")
    call_off_round(person=factories.the_manager(host), round=harbour, reason="La crue")
    shown = trail(host, about=str(valley.pk))
    assert "Le lavoir" in shown
    assert "opened the fund" in shown
    assert "Le phare" not in shown
    assert "called the round off" not in shown
    shown = trail(host, who=str(reviewer.pk))
    assert "Le lavoir" in shown
    assert "Le phare" in shown
    assert "called the round off" not in shown
    elsewhere = factories.a_round()
    for shown in (
        trail(host, who=str(citizen.pk)),
        trail(host, who="x"),
        trail(host, about=str(elsewhere.pk)),
        trail(host, about="x"),
    ):
        assert 'aria-invalid="true"' in shown
        assert "Nothing here" in shown
        assert "Le lavoir" not in shown
