"""Questions to those who carry a project, asked and answered where everyone reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.notifications.actions import send_letter
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed, require_role
from abonde.people.models import Person
from abonde.projects import texts
from abonde.projects.changing import record
from abonde.projects.guards import require_holder
from abonde.projects.models import Project, Question
from abonde.projects.queries import holders_of, holds
from abonde.projects.rules import LEAVING
from abonde.projects.states import State

MOST_UNANSWERED: Final = 3
"""Questions of one person to one project that wait for an answer."""
MOST_IN_A_DAY: Final = 10
"""Questions of one person within 24 hours, to all projects together."""


def takes_questions(project: Project) -> bool:
    """Whether the project can be asked something: it is public, and its result can still change."""
    return project.state == State.SELECTED and project.round.state in LEAVING


@atomic
def ask_question(*, person: Person, project_id: int, body: str) -> Question:
    """Ask, for everyone to read, and write to those who run the project. Raises NotAllowed, NotNow, Refusal."""
    project = Project.locked(project_id, seen=None)
    if not takes_questions(project):
        raise NotNow("{project} takes no questions any more.", project=project.name)
    if holds(person, project):
        raise NotAllowed(
            "You run {project} yourself: publish news to tell people about it.", project=project.name
        )
    asked = texts.at_most(texts.LONGEST_QUESTION, texts.paragraphs(body))
    if not asked:
        raise Refusal("Write your question.")
    mine = Question.objects.filter(author=person)
    waiting = mine.filter(project=project, answered_at=None, hidden_at=None)
    if twin := waiting.filter(body=asked).first():
        return twin  # sent twice by a double click
    if waiting.count() >= MOST_UNANSWERED:
        raise Refusal(
            "{number} of your questions to {project} wait for an answer: ask further once they are answered.",
            number=MOST_UNANSWERED,
            project=project.name,
        )
    if mine.filter(asked_at__gt=transaction_time() - timedelta(days=1)).count() >= MOST_IN_A_DAY:
        raise Refusal("You have asked {number} questions today: come back tomorrow.", number=MOST_IN_A_DAY)
    question = Question.objects.create(project=project, author=person, body=asked)
    record(person, "ask_question", project, after={"question": question.pk})
    for holder in holders_of(project):
        _write("question-asked", holder, question)
    return question


@atomic
def answer_question(*, person: Person, question_id: int, answer: str) -> Question:
    """Answer, or word the answer anew; whoever asked receives the first one. Raises NotAllowed, NotNow, Refusal."""
    question = _locked(question_id)
    require_holder(person, question.project)
    if question.hidden_at is not None:
        raise NotNow("{host} has taken this question off the page.", host=question.project.round.host.name)
    written = texts.at_most(texts.LONGEST_ANSWER, texts.paragraphs(answer))
    if not written:
        raise Refusal("Write an answer.")
    if written == question.answer:
        return question
    first = question.answered_at is None
    question.answer, question.answered_by, question.answered_at = written, person, transaction_time()
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    record(person, "answer_question", question.project, after={"question": question.pk})
    if first:
        _write("question-answered", question.author, question)
    return question


@atomic
def hide_question(*, person: Person, question_id: int, reason: str) -> Question:
    """Take a question and its answer off the page, and tell its author why. Hidden twice is hidden.

    For the host's reviewers and managers. Raises NotAllowed, Refusal without a reason.
    """
    question = _locked(question_id)
    require_role(person, question.project.round.host, Role.REVIEWER)
    if question.hidden_at is not None:
        return question
    because = texts.at_most(texts.LONGEST_WORDS, texts.paragraphs(reason))
    if not because:
        raise Refusal("Write why: whoever asked will read it.")
    question.hidden_at, question.hidden_by, question.hidden_because = transaction_time(), person, because
    question.save(update_fields=["hidden_at", "hidden_by", "hidden_because"])
    record(person, "hide_question", question.project, after={"question": question.pk})
    _write("question-hidden", question.author, question)
    return question


def _locked(question_id: int) -> Question:
    rows = Question.objects.select_for_update(of=("self",)).select_related("author", "project__round__host")
    return rows.get(pk=question_id)


def _write(kind: str, person: Person, question: Question) -> None:
    """Write to somebody about the question, once; an account that is deleted has no address any more."""
    if not Person.objects.active().filter(pk=person.pk).exists():
        return
    project = question.project
    values = {
        "project": project.name,
        "project_id": project.pk,
        "slug": project.slug,
        "round_slug": project.round.slug,
        "host": project.round.host.name,
        "question": question.body,
        "answer": question.answer,
        "reasons": question.hidden_because,
    }
    send_letter(kind=kind, person=person, values=values, once=f"{kind} {question.pk} {person.pk}")
