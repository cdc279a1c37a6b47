"""Who may open each page of projects: every address of the slice has its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest
from django.test import Client
from django.urls import reverse

from abonde.organisations.models import Kind, Role
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.models import AttachmentKind, Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from abonde.web.projects.urls import urlpatterns
from tests import factories
from tests.web.projects.files import a_pdf, a_png

pytestmark = pytest.mark.usefixtures("database")

ROLES: Final = (
    "anonymous",
    "stranger",
    "holder",
    "manager",
    "reviewer",
    "reader",
    "treasurer",
    "without proof",
    "other host",
    "certifier",
    "funder",
)
ANYONE: Final = dict.fromkeys(ROLES, 200)
PERSONS: Final = dict.fromkeys(ROLES, 200) | {"anonymous": 302}
HOLDERS: Final = dict.fromkeys(ROLES, 404) | {"anonymous": 302, "holder": 200}
AGENTS: Final = dict.fromkeys(ROLES, 404) | {
    "anonymous": 302,
    "manager": 200,
    "reviewer": 200,
    "reader": 200,
    "treasurer": 200,
    "without proof": 302,
}
REVIEWERS: Final = AGENTS | {"reader": 403, "treasurer": 403}
FILES: Final = dict.fromkeys(ROLES, 404) | {
    "holder": 200,
    "manager": 200,
    "reviewer": 200,
    "reader": 200,
    "treasurer": 200,
}

EXPECTED: Final = {
    "application-start": PERSONS,
    "project": ANYONE,
    "project-picture": ANYONE,
    "project-document": FILES,
    "my-projects": PERSONS,
    "holder-invitation": PERSONS | {role: 404 for role in ROLES if role != "anonymous"},
    "my-project": HOLDERS,
    "application-project": HOLDERS,
    "application-pictures": HOLDERS,
    "application-budget": HOLDERS,
    "application-holder": HOLDERS,
    "application-commitments": HOLDERS,
    "application-preview": HOLDERS,
    "application-submit": HOLDERS | {"holder": 302},
    "attachment-remove": HOLDERS,
    "project-team": HOLDERS,
    "project-news": HOLDERS,
    "project-news-hide": HOLDERS,
    "project-poster": ANYONE,
    "project-embed": ANYONE,
    "oembed": dict.fromkeys(ROLES, 404),
    "project-ask": PERSONS,
    "project-questions": HOLDERS,
    "project-answer": HOLDERS,
    "project-appeal": HOLDERS,
    "project-withdraw": HOLDERS,
    "questions": AGENTS,
    "question-hide": REVIEWERS,
    "review-rounds": AGENTS,
    "review-queue": AGENTS,
    "review": AGENTS,
    "review-conflict": AGENTS,
    "review-news-hide": REVIEWERS,
}
"""The status of a GET by each role; 302 asks to log in, or for the second factor."""

ONLY_READ: Final = {
    "project",
    "project-poster",
    "project-embed",
    "oembed",
    "project-picture",
    "project-document",
}


@dataclass(frozen=True)
class World:
    project: Project
    people: dict[str, Person | None]
    arguments: dict[str, object]

    def address(self, name: str) -> str:
        pattern = next(one for one in urlpatterns if one.name == name)
        wanted = pattern.pattern.converters
        return reverse(name, kwargs={key: self.arguments[key] for key in wanted})


def a_world() -> World:
    giving = factories.a_round(state=RoundState.GIVING)
    host = giving.host
    holder = factories.a_person(name="Alix")
    project = factories.a_project(giving, state=State.RETURNED, holder=holder)
    files = {
        kind: actions.add_attachment(
            person=holder, project_id=project.pk, kind=kind, title="Preuve", upload=upload
        )
        for kind, upload in ((AttachmentKind.IMAGE, a_png()), (AttachmentKind.DOCUMENT, a_pdf()))
    }
    handed = actions.submit_application(person=holder, project_id=project.pk, seen=project.version)
    manager = factories.the_manager(host)
    project = actions.admit(person=manager, project_id=project.pk, seen=handed.version)
    update = actions.publish_update(person=holder, project_id=project.pk, title="Ouvert", body="Venez")
    question = actions.ask_question(person=manager, project_id=project.pk, body="Où ?")
    partners = {party.organisation.kind: party.organisation for party in giving.parties.all()}
    return World(
        project,
        {
            "anonymous": None,
            "stranger": factories.a_person(name="Passant"),
            "holder": holder,
            "manager": manager,
            "reviewer": factories.an_agent(host, Role.REVIEWER),
            "reader": factories.an_agent(host, Role.READER),
            "treasurer": factories.an_agent(host, Role.TREASURER),
            "without proof": factories.an_agent(host, Role.REVIEWER, second_factor=False),
            "other host": factories.the_manager(factories.an_organisation(Kind.HOST)),
            "certifier": factories.the_manager(partners[Kind.CERTIFIER]),
            "funder": factories.the_manager(partners[Kind.FUNDER]),
        },
        {
            "org": host.slug,
            "round_slug": giving.slug,
            "slug": project.slug,
            "pk": project.pk,
            "size": "small",
            "token": "none",
            "update_pk": update.pk,
            "question_pk": question.pk,
            "file_pk": files[AttachmentKind.IMAGE].pk,
            AttachmentKind.IMAGE: files[AttachmentKind.IMAGE].pk,
            AttachmentKind.DOCUMENT: files[AttachmentKind.DOCUMENT].pk,
        },
    )


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(EXPECTED)
    assert all(set(row) == set(ROLES) for row in EXPECTED.values())


def test_each_role_opens_what_it_may() -> None:
    world = a_world()
    for role in ROLES:
        client = Client()
        if person := world.people[role]:
            client.force_login(person)
        for name, row in EXPECTED.items():
            file_kind = {"project-picture": AttachmentKind.IMAGE, "project-document": AttachmentKind.DOCUMENT}
            own = {"pk": world.arguments[file_kind[name]]} if name in file_kind else {}
            place = World(world.project, world.people, {**world.arguments, **own})
            response = client.get(place.address(name))
            assert response.status_code == row[role], f"{role} at {name}"
            response.close()


def test_posting_opens_no_further_door() -> None:
    """A form sent by hand meets the same refusal as the page, and a reader's decision decides nothing."""
    world = a_world()
    version = Project.objects.get(pk=world.project.pk).version
    form = {
        "version": str(version),
        "verdict": "refuse",
        "reasons": "non",
        "text": "non",
        "title": "non",
        "answer": "non",
        "reason": "non",
    }
    for role in ROLES:
        client = Client()
        if person := world.people[role]:
            client.force_login(person)
        for name, row in EXPECTED.items():
            shut = row[role] != 200 or (name == "review" and role in {"reader", "treasurer"})
            if shut and name not in ONLY_READ and name != "holder-invitation" and role != "holder":
                response = client.post(world.address(name), form)
                assert response.status_code == row[role], f"{role} at {name}"
    after = Project.objects.get(pk=world.project.pk)
    assert (after.version, after.state) == (version, State.SELECTED)
    assert not after.reviews.filter(verdict="refuse").exists()
    assert after.updates.filter(hidden_at=None).count() == 1
    assert not after.questions.exclude(answer="", hidden_at=None).exists()
    assert after.attachments.count() == 2


def test_another_host_does_not_find_the_round() -> None:
    """The address of one workspace with the round of another."""
    world = a_world()
    other = world.people["other host"]
    assert other is not None
    theirs = other.memberships.get().organisation.slug
    client = Client()
    client.force_login(other)
    for name in ("review-queue", "review", "review-conflict", "review-news-hide", "question-hide"):
        place = World(world.project, world.people, {**world.arguments, "org": theirs})
        assert client.get(place.address(name)).status_code == 404
