from __future__ import annotations

from html import unescape
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from abonde.notifications.letters import write
from abonde.notifications.models import Letter
from abonde.organisations.models import Role
from abonde.projects import actions
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")

KINDS = (
    "project-submitted",
    "project-received",
    "project-returned",
    "project-admitted",
    "project-selected",
    "project-refused",
    "project-appealed",
    "project-withdrawn",
    "holder-invitation",
)


def browser_of(person: object) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)  # type: ignore[arg-type]
    return client


def page(client: Client, name: str, *place: object) -> str:
    response = client.get(reverse(name, args=place))
    assert response.status_code == HTTPStatus.OK
    return unescape(response.content.decode())


def test_from_the_queue_to_the_appeal_and_the_public_page() -> None:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    holder = factories.a_person(name="Alix")
    project = factories.a_project(found, state=State.SUBMITTED, holder=holder, name="Jardin & Cie")
    first = browser_of(factories.an_agent(found.host, Role.REVIEWER))
    second = browser_of(factories.an_agent(found.host, Role.REVIEWER))
    mine = browser_of(holder)
    place = (found.host.slug, found.slug, project.pk)

    assert "1 to read" in page(first, "review-rounds", found.host.slug)
    assert "Jardin & Cie" in page(first, "review-queue", found.host.slug, found.slug)
    whole = page(first, "review", *place)
    for words in ("FR1420041010050500013M02606", "W261000123", "aucun", "Alix", "Your decision"):
        assert words in whole

    def decide(client: Client, verdict: str, reasons: str = "") -> str:
        version = Project.objects.get(pk=project.pk).version
        form = {"verdict": verdict, "reasons": reasons, "version": version}
        return unescape(client.post(reverse("review", args=place), form, follow=True).content.decode())

    assert "Give your reasons" in decide(first, "refuse")
    assert "Your decision is kept" in decide(first, "refuse", "Hors sujet")
    assert "Hors sujet" in page(mine, "my-project", project.pk)
    project.refresh_from_db()
    appealed = mine.post(
        reverse("project-appeal", args=[project.pk]),
        {"text": "C’est le sujet", "version": project.version},
        follow=True,
    )
    assert "Your appeal has been handed in" in appealed.content.decode()
    assert "against your own decision" in page(first, "review", *place)
    assert "C’est le sujet" in page(second, "review", *place)
    assert "Select a valid choice" in decide(second, "select")
    decide(second, "admit")
    project.refresh_from_db()
    assert project.state == State.SELECTED
    assert "found it admissible" in page(second, "review", *place)
    assert "Jardin & Cie" in page(Client(), "project", found.slug, project.slug)


def test_a_page_left_open_decides_nothing() -> None:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    project = factories.a_project(found, state=State.SUBMITTED)
    reviewer = factories.an_agent(found.host, Role.REVIEWER)
    actions.declare_conflict(
        person=factories.an_agent(found.host, Role.REVIEWER), project_id=project.pk, text="Voisin"
    )
    response = browser_of(reviewer).post(
        reverse("review", args=[found.host.slug, found.slug, project.pk]),
        {"verdict": "admit", "version": project.version - 1},
    )
    assert "This application has changed meanwhile" in response.content.decode()
    project.refresh_from_db()
    assert project.state == State.SUBMITTED


def test_declaring_a_tie_closes_the_decision() -> None:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    project = factories.a_project(found, state=State.SUBMITTED)
    client = browser_of(factories.an_agent(found.host, Role.REVIEWER))
    place = (found.host.slug, found.slug, project.pk)
    client.post(reverse("review-conflict", args=place), {"text": "Ma sœur"})
    whole = page(client, "review", *place)
    assert "Ma sœur" in whole
    assert "You have declared a tie" in whole
    assert "Your decision" not in whole


def test_who_carries_a_public_project_reads_what_it_received_and_passes_it_on() -> None:
    found = factories.a_round(state=RoundState.GIVING)
    holder = factories.a_person()
    project = factories.a_project(found, holder=holder)
    factories.a_settled_gift(project, 2_500)
    own = page(browser_of(holder), "my-project", project.pk)
    assert "given by 1 person" in own
    assert "€25" in own
    assert f'{reverse("project", args=[found.slug, project.slug])}" readonly' in own
    assert "share.js" in own
    waiting = factories.a_project(found, holder=holder, state=State.SUBMITTED)
    own = page(browser_of(holder), "my-project", waiting.pk)
    assert "What it has received" not in own
    assert "share.js" not in own


def test_a_draft_leads_to_what_is_lacking_and_a_whole_one_to_its_preview() -> None:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    holder = factories.a_person()
    project = factories.a_project(found, holder=holder, state=State.DRAFT)
    client = browser_of(holder)
    assert "Preview and hand in" in page(client, "my-project", project.pk)
    Project.objects.filter(pk=project.pk).update(need_ideal=None)
    own = page(client, "my-project", project.pk)
    assert "Go on: Budget" in own
    assert "Preview and hand in" not in own


@pytest.mark.parametrize(
    ("state", "ideal", "said"),
    [
        (RoundState.GIVING, 10_000_00, "makes the fund add more"),
        (RoundState.GIVING, 25_00, "reach its budget"),
        (RoundState.CLOSED, 10_000_00, "Giving is over"),
    ],
)
def test_who_carries_a_public_project_is_told_only_what_helps(
    state: RoundState, ideal: int, said: str
) -> None:
    found = factories.a_round(state=RoundState.GIVING)
    holder = factories.a_person()
    project = factories.a_project(found, holder=holder)
    factories.a_settled_gift(project, 2_500)
    Project.objects.filter(pk=project.pk).update(need_minimum=25_00, need_ideal=ideal)
    found.state = state
    found.save(update_fields=["state"])
    own = page(browser_of(holder), "my-project", project.pk)
    sentences = ("makes the fund add more", "reach its budget", "Giving is over")
    assert [one for one in sentences if one in own] == [said]


def test_the_queue_leads_from_one_to_the_next() -> None:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    rows = [factories.a_project(found, state=State.SUBMITTED, name=f"Projet {number}") for number in range(3)]
    client = browser_of(factories.the_manager(found.host))
    middle = page(client, "review", found.host.slug, found.slug, rows[1].pk)
    for row, rel in ((rows[0], "prev"), (rows[2], "next")):
        assert f'rel="{rel}" href="{reverse("review", args=[found.host.slug, found.slug, row.pk])}"' in middle
    filtered = client.get(
        reverse("review-queue", args=[found.host.slug, found.slug]) + "?state=refused&page=x"
    )
    assert "Nothing like this" in filtered.content.decode()


def test_a_project_is_withdrawn_once_confirmed() -> None:
    holder = factories.a_person()
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), holder=holder)
    client = browser_of(holder)
    address = reverse("project-withdraw", args=[project.pk])
    assert "can be paid back" in client.get(address).content.decode()
    client.post(address, {"version": project.version})
    project.refresh_from_db()
    assert project.state == State.WITHDRAWN
    public = page(Client(headers={"accept-language": "en"}), "project", project.round.slug, project.slug)
    assert "This project has been withdrawn" in public
    assert "Put into my basket" not in public


def test_an_invitation_is_followed_after_logging_in() -> None:
    holder = factories.a_person()
    project = factories.a_project(
        factories.a_round(state=RoundState.APPLICATIONS), state=State.DRAFT, holder=holder
    )
    client = browser_of(holder)
    address = reverse("project-team", args=[project.pk])
    assert (
        "an e-mail is on its way"
        in client.post(address, {"email": "sam@example.org"}, follow=True).content.decode().lower()
    )
    assert "sam@example.org" in page(client, "project-team", project.pk)
    token = Letter.objects.filter(kind="holder-invitation").latest("created_at").values["token"]
    friend = browser_of(factories.a_person())
    invitation = reverse("holder-invitation", args=[token])
    assert "Run this project too?" in friend.get(invitation).content.decode()
    assert friend.post(invitation).headers["Location"] == reverse("my-project", args=[project.pk])
    assert friend.post(invitation).headers["Location"] == reverse("my-project", args=[project.pk])
    late = browser_of(factories.a_person())
    assert late.get(invitation).status_code == HTTPStatus.NOT_FOUND
    assert late.post(invitation).headers["Location"] == reverse("my-projects")


def test_news_stand_on_the_page_until_they_are_hidden() -> None:
    holder = factories.a_person()
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), holder=holder)
    client = browser_of(holder)
    client.post(
        reverse("project-news", args=[project.pk]),
        {"title": "Ouvert !", "body": "<script>x</script> *Venez*"},
    )
    public = page(Client(), "project", project.round.slug, project.slug)
    assert "Ouvert !" in public
    assert "<em>Venez</em>" in public
    update = project.updates.get()
    client.post(reverse("project-news-hide", args=[project.pk, update.pk]))
    assert "Ouvert !" not in page(Client(), "project", project.round.slug, project.slug)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_can_be_written(kind: str, language: str) -> None:
    values = {
        "project": "Jardin & <b>Cie</b>",
        "project_id": 7,
        "slug": "jardin",
        "round": "Vallée",
        "round_slug": "vallee",
        "host": "Fondation",
        "host_slug": "fondation",
        "reasons": "Parce & que",
        "by": "Alix",
        "token": "abc",
    }
    person = factories.a_person(name="Sam")
    letter = write(Letter(kind=kind, person=person, language=language, values=values))
    assert "Jardin & <b>Cie</b>" in letter.subject
    assert "Jardin & <b>Cie</b>" in letter.text
    assert "<b>Cie</b>" not in letter.html
    assert letter.text.count("http") >= 2
    if "reasons" in letter.html:
        assert "Parce &amp; que" in letter.html
