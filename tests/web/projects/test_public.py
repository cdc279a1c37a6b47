from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from abonde.projects import actions
from abonde.projects.models import Attachment, AttachmentKind, Project
from abonde.projects.queries import public_projects
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from tests import factories
from tests.web.projects.files import a_pdf, a_png

pytestmark = pytest.mark.usefixtures("database")


def page(project: Project) -> str:
    client = Client(headers={"accept-language": "en"})
    response = client.get(reverse("project", args=[project.round.slug, project.slug]))
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_a_project_that_receives_gifts() -> None:
    giving = factories.a_round(state=RoundState.GIVING)
    project = factories.a_project(giving)
    shown = page(project)
    for words in (
        "Atelier de réparation",
        "Les Réparateurs",
        "Die",
        "Vivre avec le vivant",
        "<strong>ouvert</strong>",
        "€3,000",
        "CC BY-SA 4.0",
        "is an estimate",
        "falls when others receive more support",
        "Put into my basket",
        reverse("basket-put", args=[giving.slug, project.slug]),
    ):
        assert words in shown
    for secret in ("FR14", "W261000123", "place du Marché", "aucun", "@example.org"):
        assert secret not in shown


def test_the_enter_key_sends_what_was_typed_and_no_suggested_gift() -> None:
    shown = page(factories.a_project(factories.a_round(state=RoundState.GIVING)))
    forms = [form for form in re.findall(r"<form.*?</form>", shown, re.DOTALL) if 'name="amount"' in form]
    assert len(forms) == 1
    assert 'name="suggested"' not in forms[0]


def test_suggested_gifts_keep_to_the_limits_of_the_round() -> None:
    giving = factories.a_round(state=RoundState.GIVING, smallest_gift=1000, largest_gift=3000)
    shown = page(factories.a_project(giving))
    assert 'value="1000"' in shown
    assert 'value="2000"' in shown
    assert 'value="500"' not in shown
    assert 'value="5000"' not in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RoundState.APPLICATIONS, "Giving has not begun"),
        (RoundState.SELECTION, "Giving has not begun"),
        (RoundState.CLOSED, "Giving is over"),
        (RoundState.PROVISIONAL, "Giving is over"),
    ],
)
def test_a_project_outside_the_time_of_giving(state: RoundState, words: str) -> None:
    shown = page(factories.a_project(factories.a_round(state=state)))
    assert words in shown
    assert "Put into my basket" not in shown


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.ADMITTED, State.RETURNED])
def test_what_is_not_selected_is_not_there(state: State) -> None:
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), state=state)
    address = reverse("project", args=[project.round.slug, project.slug])
    assert Client().get(address).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("logged_in", [False, True])
def test_few_questions_are_asked_of_the_database(
    logged_in: bool, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    giving = factories.a_round(state=RoundState.GIVING)
    holder = factories.a_person()
    project = factories.a_project(giving, holder=holder)
    for _ in range(10):
        factories.a_project(giving)
    for number in range(3):
        actions.publish_update(person=holder, project_id=project.pk, title=f"{number}", body="x")
        Attachment.objects.create(
            project=project, kind=AttachmentKind.IMAGE, file="a.webp", title="a", bytes=1, sha256="0"
        )
    client = Client()
    if logged_in:
        client.force_login(holder)
    address = reverse("project", args=[giving.slug, project.slug])
    client.get(address)
    with django_assert_max_num_queries(12):
        client.get(address)


def test_a_list_of_projects_needs_two_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    giving = factories.a_round(state=RoundState.GIVING)
    for _ in range(5):
        factories.a_project(giving)
    with django_assert_max_num_queries(2):
        for project in public_projects(giving):
            assert project.challenge is not None
            assert project.challenge.name
            assert project.pictures == []  # type: ignore[attr-defined]  # set by the query


def with_files() -> tuple[Round, Project, Attachment, Attachment]:
    found = factories.a_round(state=RoundState.APPLICATIONS)
    holder = factories.a_person()
    project = factories.a_project(found, state=State.DRAFT, holder=holder)
    made = [
        actions.add_attachment(person=holder, project_id=project.pk, kind=kind, title="Preuve", upload=upload)
        for kind, upload in ((AttachmentKind.IMAGE, a_png()), (AttachmentKind.DOCUMENT, a_pdf()))
    ]
    return found, project, made[0], made[1]


def test_files_are_served_so_that_no_browser_runs_them() -> None:
    found, project, picture, document = with_files()
    holder = project.holders.get().person
    client = Client()
    client.force_login(holder)
    place = [found.slug, project.slug]
    for size, width in (("small", 640), ("large", 900)):
        response = client.get(reverse("project-picture", args=[*place, picture.pk, size]))
        assert response.headers["Content-Type"] == "image/webp"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"].startswith("private")
        assert b"".join(response).startswith(b"RIFF")
        assert width == (picture.small_width if size == "small" else picture.width)
    response = client.get(reverse("project-document", args=[*place, document.pk]))
    assert response.headers["Content-Type"] == "application/pdf"
    assert (
        response.headers["Content-Disposition"] == f'attachment; filename="{project.slug}-{document.pk}.pdf"'
    )
    assert "no-store" in response.headers["Cache-Control"]
    response.close()


def test_a_picture_is_found_at_its_own_address_only() -> None:
    found, project, picture, document = with_files()
    other = factories.a_project(found, holder=project.holders.get().person)
    client = Client()
    client.force_login(project.holders.get().person)
    for name, place in (
        ("project-picture", [found.slug, other.slug, picture.pk, "small"]),
        ("project-picture", [found.slug, project.slug, picture.pk, "original"]),
        ("project-picture", [found.slug, project.slug, document.pk, "large"]),
        ("project-document", [found.slug, project.slug, picture.pk]),
    ):
        assert client.get(reverse(name, args=place)).status_code == HTTPStatus.NOT_FOUND
    assert (
        Client()
        .get(reverse("project-picture", args=[found.slug, project.slug, picture.pk, "small"]))
        .status_code
        == HTTPStatus.NOT_FOUND
    )
