"""How a project moves, and how the log of events hears of it."""

from __future__ import annotations

from collections.abc import Mapping

from abonde.core.events import record_event
from abonde.people.models import Person
from abonde.projects.guards import require_move
from abonde.projects.models import Project
from abonde.projects.states import State


def move(person: Person, project: Project, state: State, verb: str) -> None:
    """Lead the locked project to `state`. Raises NotNow if no way leads there."""
    require_move(project, state)
    before = project.state
    project.state = state
    project.save_edit(person.actor)
    record(person, verb, project, before={"state": before}, after={"state": state})


def record(
    person: Person,
    verb: str,
    project: Project,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Say that the person did `verb` to the project; the log belongs to the round's host."""
    record_event(
        actor=person.actor,
        verb=verb,
        subject=project,
        before=before,
        after=after,
        tenant=project.round.host.reference,
    )
