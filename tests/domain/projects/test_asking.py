from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.notifications.models import Letter
from abonde.organisations.models import Kind, Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.models import Person
from abonde.people.personal_data import export
from abonde.projects import actions
from abonde.projects.asking import MOST_IN_A_DAY, MOST_UNANSWERED
from abonde.projects.leaving import leave
from abonde.projects.models import Holder, Project, Question
from abonde.projects.queries import history_of, questions_of, questions_to
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def holder(database: None) -> Person:
    return factories.a_person(name="Alix")


@pytest.fixture
def project(holder: Person) -> Project:
    return factories.a_project(factories.a_round(state=RoundState.GIVING), holder=holder)


def letters(kind: str) -> list[Letter]:
    return list(Letter.objects.filter(kind=kind).order_by("pk"))


def test_a_question_is_read_by_all_and_written_to_every_holder_once(project: Project, holder: Person) -> None:
    other, curious = factories.a_person(), factories.a_person()
    Holder.objects.create(project=project, person=other)
    asked = actions.ask_question(person=curious, project_id=project.pk, body=" Et en hiver ?\u202e ")
    again = actions.ask_question(person=curious, project_id=project.pk, body="Et en hiver ?")
    assert again == asked
    assert [one.body for one in questions_of(project)] == ["Et en hiver ?"]
    told = [one for one in letters("question-asked") if one.values["project_id"] == project.pk]
    assert {one.person for one in told} == {holder, other}
    assert len(told) == 2
    assert history_of(project)[0].verb == "ask_question"


def test_the_first_answer_is_written_to_whoever_asked_and_may_be_worded_anew(
    project: Project, holder: Person
) -> None:
    curious = factories.a_person()
    asked = actions.ask_question(person=curious, project_id=project.pk, body="Où ?")
    for answer in ("À Die.", "À Die.", "À Die, place du Marché."):
        actions.answer_question(person=holder, question_id=asked.pk, answer=answer)
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("À Die, place du Marché.", holder)
    (letter,) = [one for one in letters("question-answered") if one.person == curious]
    assert letter.values["answer"] == "À Die."
    with pytest.raises(NotAllowed):
        actions.answer_question(person=curious, question_id=asked.pk, answer="Moi")
    with pytest.raises(Refusal, match="Write an answer"):
        actions.answer_question(person=holder, question_id=asked.pk, answer=" \u202e")


def test_the_host_takes_a_question_off_with_a_reason_that_is_told(project: Project, holder: Person) -> None:
    curious, reviewer = factories.a_person(), factories.an_agent(project.round.host, Role.REVIEWER)
    asked = actions.ask_question(person=curious, project_id=project.pk, body="Achetez mes montres")
    for stranger in (curious, holder, factories.an_agent(project.round.host, Role.READER)):
        with pytest.raises(NotAllowed):
            actions.hide_question(person=stranger, question_id=asked.pk, reason="non")
    other_host = factories.the_manager(factories.an_organisation(Kind.HOST))
    with pytest.raises(NotAllowed):
        actions.hide_question(person=other_host, question_id=asked.pk, reason="non")
    with pytest.raises(Refusal, match="Write why"):
        actions.hide_question(person=reviewer, question_id=asked.pk, reason=" ")
    actions.hide_question(person=reviewer, question_id=asked.pk, reason="C’est une publicité.")
    actions.hide_question(person=reviewer, question_id=asked.pk, reason="encore")
    assert not questions_of(project).exists()
    assert [one.hidden_because for one in questions_to(project.round.host)] == ["C’est une publicité."]
    (letter,) = [one for one in letters("question-hidden") if one.person == curious]
    assert letter.values["reasons"] == "C’est une publicité."
    with pytest.raises(NotNow):
        actions.answer_question(person=holder, question_id=asked.pk, answer="Non merci")


def test_the_limits_of_asking(project: Project, holder: Person) -> None:
    curious = factories.a_person()
    with pytest.raises(NotAllowed, match="You run"):
        actions.ask_question(person=holder, project_id=project.pk, body="?")
    for body, words in (("  ", "Write your question"), ("x" * 1001, "1000 fit here")):
        with pytest.raises(Refusal, match=words):
            actions.ask_question(person=curious, project_id=project.pk, body=body)
    for number in range(MOST_UNANSWERED):
        actions.ask_question(person=curious, project_id=project.pk, body=f"{number} ?")
    with pytest.raises(Refusal, match="wait for an answer"):
        actions.ask_question(person=curious, project_id=project.pk, body="encore ?")
    for number in range(MOST_IN_A_DAY - MOST_UNANSWERED):
        other = factories.a_project(project.round)
        actions.ask_question(person=curious, project_id=other.pk, body=f"{number} ?")
    fresh = factories.a_project(project.round)
    with pytest.raises(Refusal, match="come back tomorrow"):
        actions.ask_question(person=curious, project_id=fresh.pk, body="encore ?")
    oldest = Question.objects.filter(author=curious).earliest("pk")
    Question.objects.filter(pk=oldest.pk).update(asked_at=oldest.asked_at - timedelta(days=1))
    actions.ask_question(person=curious, project_id=fresh.pk, body="encore ?")


@pytest.mark.parametrize("state", [State.SUBMITTED, State.WITHDRAWN])
def test_what_is_not_public_takes_no_question(state: State) -> None:
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), state=state)
    with pytest.raises(NotNow):
        actions.ask_question(person=factories.a_person(), project_id=project.pk, body="?")


def test_a_person_takes_their_questions_along_and_leaves_those_that_were_answered(
    project: Project, holder: Person
) -> None:
    curious = factories.a_person()
    first, second = (actions.ask_question(person=curious, project_id=project.pk, body=one) for one in "ab")
    actions.answer_question(person=holder, question_id=first.pk, answer="oui")
    mine = str(export(curious))
    assert "'question': 'a'" in mine
    assert "'question': 'b'" in mine
    leave(curious)
    assert list(questions_of(project)) == [first]
    assert second not in Question.objects.all()


@pytest.mark.parametrize(
    "columns",
    [{"body": ""}, {"answer": "oui"}, {"hidden_because": "non"}, {"answered_at": "2026-01-01T00:00Z"}],
)
def test_postgresql_refuses_half_answers_and_hiding_without_a_trace(
    project: Project, columns: dict[str, str]
) -> None:
    asked = actions.ask_question(person=factories.a_person(), project_id=project.pk, body="?")
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=asked.pk).update(**columns)
