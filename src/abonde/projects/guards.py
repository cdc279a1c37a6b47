"""What every action on a project asks first: the row under its lock, the person's right, the right time."""

from __future__ import annotations

from datetime import datetime

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed, require_role
from abonde.people.models import Person
from abonde.projects.models import ConflictOfInterest, Project
from abonde.projects.queries import deciders_of, holds
from abonde.projects.rules import DECIDING, EDITABLE, decided_by_other
from abonde.projects.states import TRANSITIONS, State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState


class OtherReviewer(NotAllowed):
    """Somebody else of the host has to decide."""


def takes_applications(round: Round, at: datetime) -> bool:  # noqa: A002
    """Whether applications may be begun and submitted at that instant (UTC)."""
    opens, closes = round.applications_open_at, round.applications_close_at
    began = opens is None or opens <= at
    return round.state == RoundState.APPLICATIONS and began and (closes is None or at < closes)


def require_applications(round: Round) -> None:  # noqa: A002
    """Raises NotNow unless the round takes applications by the database's clock."""
    if not takes_applications(round, transaction_time()):
        raise NotNow(
            "{round} takes no applications now: look at its calendar, or write to {host}.",
            round=round.name,
            host=round.host.name,
        )


def require_holder(person: Person, project: Project) -> None:
    """Raises NotAllowed unless the person carries the project."""
    if not holds(person, project):
        raise NotAllowed("Only those who run {project} may do this.", project=project.name)


def editable(person: Person, project_id: int, seen: int | None) -> Project:
    """The project, locked, for a holder who writes. Raises NotAllowed, NotNow, ChangedMeanwhile."""
    project = Project.locked(project_id, seen=seen, reader=person.actor)
    require_holder(person, project)
    if project.state not in EDITABLE:
        raise NotNow(
            "This application has been submitted; it can be changed once {host} returns it.",
            host=project.round.host.name,
        )
    if project.state == State.DRAFT:
        require_applications(project.round)
    else:
        require_deciding(project.round)
    return project


def require_deciding(round: Round) -> None:  # noqa: A002
    """Raises NotNow unless decisions about projects still change something."""
    if round.state not in DECIDING:
        raise NotNow("{round} is past the time of choosing projects.", round=round.name)


def require_move(project: Project, state: State) -> None:
    """Raises NotNow unless the table of states leads from where the project stands to `state`."""
    if state not in TRANSITIONS[State(project.state)]:
        raise NotNow(
            "{project} has moved on meanwhile: open its page again to see what can be done now.",
            project=project.name,
        )


def require_decider(person: Person, project: Project) -> None:
    """Raises NotAllowed unless the person decides for the host and has no tie to the project."""
    require_role(person, project.round.host, Role.REVIEWER)
    if holds(person, project):
        raise OtherReviewer("You run {project}: someone else has to decide about it.", project=project.name)
    if ConflictOfInterest.objects.filter(project=project, person=person).exists():
        raise OtherReviewer(
            "You have declared a tie to {project}: someone else has to decide about it.", project=project.name
        )


def require_other_decider(person: Person, project: Project, first: Person) -> None:
    """Raises OtherReviewer if the appeal is against the person's own decision and a colleague could decide."""
    able = {one.pk for one in deciders_of(project)}
    if decided_by_other(reviewer=person.pk, first=first.pk, able=able):
        raise OtherReviewer(
            "The appeal is against your own decision on {project}: a colleague has to look at it.",
            project=project.name,
        )
