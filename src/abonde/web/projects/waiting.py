"""What waits for somebody who carries projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from abonde.web.workspaces import Waiting


def with_counts(projects: QuerySet[Project]) -> QuerySet[Project]:
    """The projects with what waits_in reads: `to_answer`, questions nobody has answered, and `told`, the news there are."""
    return projects.annotate(
        to_answer=Count(
            "questions", Q(questions__answered_at=None, questions__hidden_at=None), distinct=True
        ),
        told=Count("updates", Q(updates__hidden_at=None), distinct=True),
    )


def waits_in(projects: Iterable[Project]) -> list[Waiting]:
    """What waits in the projects (`with_counts`), what has an end first. No query."""
    found = [one for project in projects for one in _of(project)]
    return sorted(found, key=lambda one: (one.until is None, one.until.timestamp() if one.until else 0))


def _of(project: Project) -> Iterator[Waiting]:
    mine = [project.pk]
    taking = project.round.state == RoundState.APPLICATIONS
    if project.state == State.DRAFT and taking:
        yield Waiting(
            _("Finish {project} and hand it in.").format(project=project.name),
            reverse("my-project", args=mine),
            project.round.applications_close_at,
        )
    if project.state == State.RETURNED:
        yield Waiting(
            _("Complete {project}: the foundation says what is missing.").format(project=project.name),
            reverse("my-project", args=mine),
            project.round.giving_opens_at,
        )
    if project.state == State.SELECTED and project.round.state == RoundState.GIVING:
        yield from _while_people_give(project)


def _while_people_give(project: Project) -> Iterator[Waiting]:
    number: int = project.to_answer  # type: ignore[attr-defined]  # annotated by with_counts
    if number:
        text = ngettext(
            "{number} question about {project} waits for your answer.",
            "{number} questions about {project} wait for your answer.",
            number,
        )
        yield Waiting(
            text.format(number=number, project=project.name), reverse("project-questions", args=[project.pk])
        )
    if not project.told:  # type: ignore[attr-defined]
        yield Waiting(
            _("Tell what is new with {project}: nobody has read any news of it yet.").format(
                project=project.name
            ),
            reverse("project-news", args=[project.pk]),
        )
