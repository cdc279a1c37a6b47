from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.notifications.models import Letter
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.attaching import MOST
from abonde.projects.files import WrongFile
from abonde.projects.models import Attachment, AttachmentKind, HolderInvitation, Project
from abonde.projects.queries import held_by, history_of, holders_of, may_see
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def holder(database: None) -> Person:
    return factories.a_person(name="Alix")


@pytest.fixture
def draft(holder: Person) -> Project:
    return factories.a_project(
        factories.a_round(state=RoundState.APPLICATIONS), state=State.DRAFT, holder=holder
    )


def a_png(shade: int = 0) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (25 * shade, 90, 70)).save(out, "PNG")
    out.seek(0)
    return out


def added(
    project: Project, person: Person, *, title: str = "Dix voisins autour d’un établi", shade: int = 0
) -> Attachment:
    return actions.add_attachment(
        person=person, project_id=project.pk, kind=AttachmentKind.IMAGE, title=title, upload=a_png(shade)
    )


def files_in(media: Path) -> int:
    return sum(one.is_file() for one in media.rglob("*"))


def test_a_picture_is_stored_under_a_random_name_in_two_sizes(
    draft: Project, holder: Person, media: Path
) -> None:
    attachment = added(draft, holder, title=" ../../etc/passwd ")
    assert attachment.title == "../../etc/passwd"
    assert (attachment.width, attachment.height) == (300, 200)
    name = attachment.file.name or ""
    assert name.endswith(".webp")
    assert "passwd" not in name
    assert len(attachment.sha256) == 64
    assert files_in(media) == 2


@pytest.mark.parametrize("title", ["", " \0\u202e "])
def test_a_picture_needs_words(draft: Project, holder: Person, media: Path, title: str) -> None:
    with pytest.raises(Refusal, match="Say in a few words"):
        added(draft, holder, title=title)
    assert files_in(media) == 0


def test_a_file_that_is_something_else_leaves_nothing(draft: Project, holder: Person, media: Path) -> None:
    with pytest.raises(WrongFile):
        actions.add_attachment(
            person=holder,
            project_id=draft.pk,
            kind=AttachmentKind.DOCUMENT,
            title="Statuts",
            upload=a_png(),
        )
    assert files_in(media) == 0
    assert not draft.attachments.exists()


def test_files_are_counted_and_removed(draft: Project, holder: Person, media: Path) -> None:
    most = MOST[AttachmentKind.IMAGE]
    made = [added(draft, holder, shade=number) for number in range(most)]
    with pytest.raises(Refusal, match="remove one first"):
        added(draft, holder, shade=9)
    for _twice in range(2):
        actions.remove_attachment(person=holder, project_id=draft.pk, attachment_id=made[3].pk)
    assert files_in(media) == 2 * (most - 1)
    last = added(draft, holder, shade=9)
    assert list(draft.attachments.all())[-1] == last


def test_a_double_click_adds_one_file(draft: Project, holder: Person, media: Path) -> None:
    assert added(draft, holder) == added(draft, holder)
    assert files_in(media) == 2


def test_only_holders_attach_and_only_while_they_write(draft: Project, holder: Person) -> None:
    attachment = added(draft, holder)
    stranger = factories.a_person()
    with pytest.raises(NotAllowed):
        added(draft, stranger)
    with pytest.raises(NotAllowed):
        actions.remove_attachment(person=stranger, project_id=draft.pk, attachment_id=attachment.pk)
    other = factories.a_project(draft.round, state=State.DRAFT, holder=stranger)
    actions.remove_attachment(person=stranger, project_id=other.pk, attachment_id=attachment.pk)
    assert Attachment.objects.filter(pk=attachment.pk).exists()
    handed = factories.a_project(draft.round, state=State.SUBMITTED, holder=holder)
    with pytest.raises(NotNow):
        added(handed, holder)


def test_who_sees_which_file(holder: Person) -> None:
    giving = factories.a_round(state=RoundState.GIVING)
    public = factories.a_project(giving, holder=holder)
    hidden = factories.a_project(giving, state=State.SUBMITTED, holder=holder)
    agent = factories.an_agent(giving.host, Role.READER)
    without_proof = factories.an_agent(giving.host, Role.READER, second_factor=False)
    certifier = factories.the_manager(giving.parties.all()[0].organisation)
    stranger = factories.a_person()

    def seers(project: Project, kind: AttachmentKind) -> set[object]:
        attachment = Attachment(project=project, kind=kind, title="t", bytes=1, sha256="0")
        people = [None, holder, agent, without_proof, certifier, stranger]
        return {person for person in people if may_see(person, attachment)}

    everyone = {None, holder, agent, without_proof, certifier, stranger}
    assert seers(public, AttachmentKind.IMAGE) == everyone
    assert seers(public, AttachmentKind.DOCUMENT) == {holder, agent}
    assert seers(hidden, AttachmentKind.IMAGE) == {holder, agent}
    assert seers(hidden, AttachmentKind.DOCUMENT) == {holder, agent}


def test_carrying_together(draft: Project, holder: Person) -> None:
    actions.invite_holder(person=holder, project_id=draft.pk, email=" sam@example.org ")
    letter = Letter.objects.filter(kind="holder-invitation", address="sam@example.org").latest("created_at")
    token = letter.values["token"]
    with pytest.raises(Refusal, match="wait an hour"):
        actions.invite_holder(person=holder, project_id=draft.pk, email="sam@example.org")
    assert not HolderInvitation.objects.filter(token_hash=token).exists()
    friend = factories.a_person(name="Sam")
    for _twice in range(2):
        actions.accept_holder_invitation(person=friend, token=token)
    assert holders_of(draft) == [holder, friend]
    assert list(held_by(friend)) == [draft]
    with pytest.raises(NotNow, match="used or is too old"):
        actions.accept_holder_invitation(person=factories.a_person(), token=token)
    assert [(deed.who, deed.verb) for deed in history_of(draft)] == [
        ("Sam", "accept_holder_invitation"),
        ("Alix", "invite_holder"),
    ]


def test_invitations_grow_old_and_strangers_send_none(draft: Project, holder: Person) -> None:
    invitation = actions.invite_holder(person=holder, project_id=draft.pk, email="jo@example.org")
    token = Letter.objects.filter(address="jo@example.org").latest("created_at").values["token"]
    invitation.expires_at = present_time() - timedelta(seconds=1)
    invitation.save()
    for one in (token, "", "x" * 500):
        with pytest.raises(NotNow):
            actions.accept_holder_invitation(person=factories.a_person(), token=one)
    with pytest.raises(NotAllowed):
        actions.invite_holder(person=factories.a_person(), project_id=draft.pk, email="a@example.org")
    for wrong in ("", "not an address", "a@b\nBcc: all@example.org"):
        with pytest.raises(Refusal, match="not an e-mail address"):
            actions.invite_holder(person=holder, project_id=draft.pk, email=wrong)


def test_news_of_a_public_project(holder: Person) -> None:
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), holder=holder)
    update = actions.publish_update(person=holder, project_id=project.pk, title="Ouvert", body="Venez !")
    twice = actions.publish_update(person=holder, project_id=project.pk, title="Ouvert", body="Venez !")
    assert twice == update
    with pytest.raises(NotAllowed):
        actions.publish_update(person=factories.a_person(), project_id=project.pk, title="a", body="b")
    with pytest.raises(Refusal, match="a title and a text"):
        actions.publish_update(person=holder, project_id=project.pk, title="a", body="\0")
    for other in (factories.a_person(), factories.an_agent(project.round.host, Role.READER)):
        with pytest.raises(NotAllowed):
            actions.hide_update(person=other, update_id=update.pk)
    reviewer = factories.an_agent(project.round.host, Role.REVIEWER)
    hidden = actions.hide_update(person=reviewer, update_id=update.pk)
    assert hidden.hidden_at == actions.hide_update(person=holder, update_id=update.pk).hidden_at


def test_no_news_before_the_project_is_public(draft: Project, holder: Person) -> None:
    with pytest.raises(NotNow):
        actions.publish_update(person=holder, project_id=draft.pk, title="a", body="b")
