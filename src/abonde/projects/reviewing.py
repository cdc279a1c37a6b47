"""What the host does with an application: return it, admit it, select it, refuse it, and say who may not decide."""

from __future__ import annotations

from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.funds.actions import open_project_account
from abonde.matching.refusal import Refusal
from abonde.organisations.permissions import require_role
from abonde.people.models import Person
from abonde.projects import texts
from abonde.projects.changing import move, record
from abonde.projects.guards import require_decider, require_deciding, require_other_decider
from abonde.projects.letters import tell_holders
from abonde.projects.models import Appeal, ConflictOfInterest, Project, Review, Verdict
from abonde.projects.states import State


@atomic
def return_application(*, person: Person, project_id: int, seen: int, reasons: str) -> Project:
    """Give the application back to be completed. Raises what `refuse` does."""
    project, said = _decide(person, project_id, seen, Verdict.RETURN, reasons)
    move(person, project, State.RETURNED, "return_application")
    tell_holders(project, "project-returned", reasons=said)
    return project


@atomic
def admit(*, person: Person, project_id: int, seen: int, reasons: str = "") -> Project:
    """Say that the project meets the conditions. A round without selection selects it at once. Raises what `refuse` does."""
    project, said = _decide(person, project_id, seen, Verdict.ADMIT, reasons)
    move(person, project, State.ADMITTED, "admit")
    if project.round.has_selection:
        tell_holders(project, "project-admitted", reasons=said)
    else:
        _select(person, project)
        tell_holders(project, "project-selected", reasons=said)
    return project


@atomic
def select(*, person: Person, project_id: int, seen: int, reasons: str = "") -> Project:
    """Choose an admitted project: it becomes public and may receive gifts. Raises what `refuse` does."""
    project, said = _decide(person, project_id, seen, Verdict.SELECT, reasons)
    _select(person, project)
    tell_holders(project, "project-selected", reasons=said)
    return project


@atomic
def refuse(*, person: Person, project_id: int, seen: int, reasons: str) -> Project:
    """Refuse the project, with reasons that its holders read and may appeal against, once.

    Raises NotAllowed, OtherReviewer for a person with a tie or the author of what is appealed against, NotNow,
    ChangedMeanwhile if somebody decided meanwhile, Refusal without reasons.
    """
    project, said = _decide(person, project_id, seen, Verdict.REFUSE, reasons)
    move(person, project, State.REFUSED, "refuse")
    tell_holders(project, "project-refused", reasons=said)
    return project


@atomic
def declare_conflict(*, person: Person, project_id: int, text: str) -> ConflictOfInterest:
    """Say, as an agent of the host, what ties one to a project; one then decides nothing about it, for good.

    Raises NotAllowed, Refusal for an empty text or a second declaration.
    """
    project = Project.locked(project_id, seen=None)
    require_role(person, project.round.host)
    said = texts.at_most(texts.LONGEST_WORDS, texts.paragraphs(text))
    if not said:
        raise Refusal("Say what ties you to the project.")
    if ConflictOfInterest.objects.filter(project=project, person=person).exists():
        raise NotNow("You have declared a tie to {project} already.", project=project.name)
    declared = ConflictOfInterest.objects.create(project=project, person=person, text=said)
    record(person, "declare_conflict", project)
    return declared


def _decide(
    person: Person, project_id: int, seen: int, verdict: Verdict, reasons: str
) -> tuple[Project, str]:
    project = Project.locked(project_id, seen=seen, reader=person.actor)
    require_decider(person, project)
    require_deciding(project.round)
    if project.state == State.APPEALED:
        appeal = Appeal.objects.select_related("review__reviewer").get(review__project=project)
        require_other_decider(person, project, appeal.review.reviewer)
    said = texts.at_most(texts.LONGEST_WORDS, texts.paragraphs(reasons))
    if not said and verdict in {Verdict.RETURN, Verdict.REFUSE}:
        raise Refusal("Give your reasons: those who run the project will read them.")
    Review.objects.create(project=project, reviewer=person, verdict=verdict, reasons=said)
    return project, said


def _select(person: Person, project: Project) -> None:
    project.selected_at = transaction_time()
    move(person, project, State.SELECTED, "select")
    open_project_account(round=project.round, key=project.slug, title=project.name, actor=person.actor)
