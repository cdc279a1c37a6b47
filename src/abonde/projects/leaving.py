"""What projects keep about a person, and what happens to them when the person deletes their account."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.db.models import Count, QuerySet
from django.db.transaction import on_commit
from django.utils.translation import gettext_lazy as _

from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.people.personal_data import Kept
from abonde.projects.attaching import forget_files
from abonde.projects.models import Appeal, Holder, LegalPerson, Project, Question, Update
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState

ANSWERED_FOR: Final = frozenset(State) - {State.DRAFT, State.REFUSED, State.WITHDRAWN}
"""Somebody has to be there for a project in these states."""
OVER: Final = frozenset({RoundState.ARCHIVED, RoundState.CANCELLED, RoundState.CALLED_OFF})


def hindrances(person: Person) -> list[Refusal]:
    """The projects that would be left without anybody."""
    alone = _alone(person).filter(state__in=ANSWERED_FOR).exclude(round__state__in=OVER)
    return [
        Refusal(
            "You alone run {project}: invite somebody to run it with you, or withdraw it, first.",
            project=one.name,
        )
        for one in alone.order_by("pk")
    ]


def leave(person: Person) -> None:
    """Delete drafts that nobody else writes and questions that nobody answered, and carry nothing any more.

    A question that was answered stays, as it stood before: without a name.
    """
    for draft in _alone(person).filter(state=State.DRAFT):
        for attachment in draft.attachments.all():
            on_commit(partial(forget_files, attachment))
        draft.delete()
    Holder.objects.filter(person=person).delete()
    Question.objects.filter(author=person, answered_at=None).delete()


def personal_data(person: Person) -> list[dict[str, object]]:
    """The projects that the person carries, with what they wrote, and what they asked others."""
    held = Project.objects.filter(holders__person=person).select_related("round").order_by("pk")
    return [
        *(_written(project, person) for project in held),
        *(
            {
                "project": one.project.name,
                "question": one.body,
                "asked_at": one.asked_at,
                "answer": one.answer,
            }
            for one in Question.objects.filter(author=person).select_related("project").order_by("pk")
        ),
    ]


def _written(project: Project, person: Person) -> dict[str, object]:
    legal = LegalPerson.objects.filter(project=project).first()
    return {
        "round": project.round.name,
        **{
            field: getattr(project, field)
            for field in ("name", "summary", "story", "place", "licence", "ties", "state", "created_at")
        },
        "need_cents": [project.need_minimum, project.need_ideal],
        "legal_person": legal
        and {
            field: getattr(legal, field)
            for field in ("name", "form", "siren", "siret", "rna", "address", "iban")
        },
        "news": list(
            Update.objects.filter(project=project, author=person).values("title", "body", "published_at")
        ),
        "appeals": list(Appeal.objects.filter(review__project=project, person=person).values("text", "at")),
    }


def _alone(person: Person) -> QuerySet[Project]:
    many = Project.objects.alias(carried_by=Count("holders")).filter(carried_by=1)
    return Project.objects.filter(pk__in=many.values("pk"), holders__person=person)


KEPT: Final = Kept(
    key="projects",
    what=_("The projects that you run, what you wrote about them, and what you asked about others"),
    why=_("to examine them, to show them once they are accepted, and to pay them"),
    until=_(
        "a draft until you delete your account; a project that was handed in as long as the accounts of its round"
    ),
    data=personal_data,
)
