from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from abonde.people.leaving import hindrances_of
from abonde.people.personal_data import export
from abonde.projects import actions
from abonde.projects.leaving import leave, personal_data
from abonde.projects.models import AttachmentKind, Holder, Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


def test_nobody_leaves_a_project_alone() -> None:
    person = factories.a_person()
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), holder=person, name="Verger")
    assert [str(one) for one in hindrances_of(person)] == [
        "You alone run Verger: invite somebody to run it with you, or withdraw it, first."
    ]
    Holder.objects.create(project=project, person=factories.a_person())
    assert hindrances_of(person) == []
    leave(person)
    assert project.holders.count() == 1


def test_drafts_go_with_their_only_author_and_their_files(media: Path) -> None:
    person, friend = factories.a_person(), factories.a_person()
    found = factories.a_round(state=RoundState.APPLICATIONS)
    own = factories.a_project(found, state=State.DRAFT, holder=person)
    shared = factories.a_project(found, state=State.DRAFT, holder=person)
    Holder.objects.create(project=shared, person=friend)
    picture = io.BytesIO()
    Image.new("RGB", (300, 300)).save(picture, "PNG")
    picture.seek(0)
    actions.add_attachment(
        person=person, project_id=own.pk, kind=AttachmentKind.IMAGE, title="Verger", upload=picture
    )
    assert hindrances_of(person) == []
    leave(person)
    assert set(Project.objects.filter(round=found)) == {shared}
    assert not [one for one in media.rglob("*") if one.is_file()]


def test_what_is_kept_can_be_read() -> None:
    person = factories.a_person()
    factories.a_project(factories.a_round(state=RoundState.GIVING), holder=person, name="Verger")
    (kept,) = personal_data(person)
    assert kept["name"] == "Verger"
    assert "FR1420041010050500013M02606" in str(kept["legal_person"])
    assert export(person)["projects"] == [kept]
