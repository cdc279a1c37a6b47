"""Who is told of what happens to an application."""

from __future__ import annotations

from collections.abc import Iterable

from abonde.notifications.actions import send_letter
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.projects.queries import deciders_of, holders_of
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState


def tell_holders(project: Project, kind: str, *, reasons: str = "") -> None:
    """Write to all who carry the project."""
    _tell(holders_of(project), project, kind, reasons=reasons)


def tell_host(project: Project, kind: str) -> None:
    """Write to all who may decide about the project."""
    _tell(deciders_of(project), project, kind)


def tell_of_calling_off(round: Round, before: RoundState) -> None:  # noqa: A002, ARG001  (the interface of on_move)
    """Write to all who carry a project of a round that is called off, in the same transaction."""
    if round.state != RoundState.CALLED_OFF:
        return
    gone = [State.DRAFT, State.REFUSED, State.WITHDRAWN]
    for project in Project.objects.filter(round=round).exclude(state__in=gone).select_related("round__host"):
        tell_holders(project, "project-called-off", reasons=round.called_off_because)


def _tell(people: Iterable[Person], project: Project, kind: str, *, reasons: str = "") -> None:
    values = {
        "project": project.name,
        "project_id": project.pk,
        "slug": project.slug,
        "round": project.round.name,
        "round_slug": project.round.slug,
        "host": project.round.host.name,
        "host_slug": project.round.host.slug,
        "reasons": reasons,
    }
    for person in people:
        # The version makes the letter unrepeatable: it rises with each change of state.
        once = f"{kind} {project.pk} {project.version} {person.pk}"
        send_letter(kind=kind, person=person, values=values, once=once)
