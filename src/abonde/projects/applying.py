"""What holders do with an application: begin it, write it, hand it in, appeal, take it back."""

from __future__ import annotations

from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal, Refusals
from abonde.people.models import Person
from abonde.projects import rules, texts
from abonde.projects.changing import move, record
from abonde.projects.guards import (
    editable,
    require_applications,
    require_deciding,
    require_holder,
    require_move,
)
from abonde.projects.letters import tell_holders, tell_host
from abonde.projects.models import Appeal, Holder, LegalPerson, Project, Review, Verdict
from abonde.projects.states import State
from abonde.projects.writing import Changes, free_slug, name_of, write
from abonde.rounds.models import Round


class NotComplete(Refusals):
    """What an application still lacks, all at once."""


@atomic
def start_application(*, person: Person, round: Round, name: str) -> Project:  # noqa: A002
    """Begin a draft, which only the person sees; begun twice by a double click, it is the same one.

    Raises NotNow outside the time of applications, Refusal.
    """
    round = Round.objects.select_for_update().get(pk=round.pk)  # noqa: A001
    require_applications(round)
    name = name_of(name)
    own = Project.objects.filter(round=round, holders__person=person)
    if untouched := own.filter(name=name, state=State.DRAFT, version=1).first():
        return untouched
    if own.count() >= rules.MOST_APPLICATIONS:
        raise Refusal(
            "You run {number} projects in {round} already: continue one of them.",
            number=rules.MOST_APPLICATIONS,
            round=round.name,
        )
    project = Project.objects.create(round=round, name=name, slug=free_slug(round, name))
    Holder.objects.create(project=project, person=person)
    LegalPerson.objects.create(project=project)
    record(person, "start_application", project, after={"state": project.state})
    return project


@atomic
def save_application(*, person: Person, project_id: int, seen: int, changes: Changes) -> Project:
    """Keep what a holder has written so far, however incomplete.

    Raises ChangedMeanwhile if the version is no longer `seen`, NotNow if the application is handed in or the time over,
    NotAllowed, Refusal for an amount or a number that cannot be.
    """
    project = editable(person, project_id, seen)
    write(project, changes)
    project.save_edit(person.actor)
    record(person, "save_application", project, after={"parts": sorted(changes), "version": project.version})
    return project


@atomic
def submit_application(*, person: Person, project_id: int, seen: int) -> Project:
    """Hand the application in to the host. Raises NotComplete with all that is lacking, and what `save_application` does."""
    project = editable(person, project_id, seen)
    if lacks := lacking(project):
        raise NotComplete([lack.refusal for lack in lacks])
    project.submitted_at = transaction_time()
    move(person, project, State.SUBMITTED, "submit_application")
    tell_host(project, "project-submitted")
    tell_holders(project, "project-received")
    return project


def lacking(project: Project) -> list[rules.Shortcoming]:
    """What the application lacks before it can be handed in."""
    return rules.shortcomings(
        project,
        lines=list(project.budget_lines.all()),
        legal=LegalPerson.objects.filter(project=project).first(),
        has_challenges=project.round.challenges.exists(),
    )


@atomic
def appeal(*, person: Person, project_id: int, seen: int, text: str) -> Appeal:
    """Answer a refusal, once, while the host can still decide. Raises NotNow, NotAllowed, ChangedMeanwhile, Refusal."""
    project = Project.locked(project_id, seen=seen, reader=person.actor)
    require_holder(person, project)
    require_deciding(project.round)
    if Appeal.objects.filter(review__project=project).exists():
        raise NotNow(
            "{host} has already decided on an appeal for this project: its decision stands.",
            host=project.round.host.name,
        )
    require_move(project, State.APPEALED)
    text = texts.at_most(texts.LONGEST_WORDS, texts.paragraphs(text))
    if not text:
        raise Refusal("Say what the decision has overlooked.")
    refusal = Review.objects.filter(project=project, verdict=Verdict.REFUSE).latest("id")
    made = Appeal.objects.create(review=refusal, person=person, text=text)
    move(person, project, State.APPEALED, "appeal")
    tell_host(project, "project-appealed")
    return made


@atomic
def withdraw_project(*, person: Person, project_id: int, seen: int) -> Project:
    """Take the project out of the round, for good. Gifts that it has received stay and can be refunded.

    Raises NotAllowed, ChangedMeanwhile, and NotNow once it is refused or the result is final.
    """
    project = Project.locked(project_id, seen=seen, reader=person.actor)
    require_holder(person, project)
    require_move(project, State.WITHDRAWN)
    if project.round.state not in rules.LEAVING:
        raise NotNow(
            "The result of {round} is final: write to {host}.",
            round=project.round.name,
            host=project.round.host.name,
        )
    before = project.state
    move(person, project, State.WITHDRAWN, "withdraw_project")
    if before != State.DRAFT:
        tell_host(project, "project-withdrawn")
    return project
