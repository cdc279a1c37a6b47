"""What is asked about projects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Prefetch, QuerySet

from abonde import matching
from abonde.core.models import Event
from abonde.core.prepared import any_of, prepared
from abonde.matching.amounts import Cents
from abonde.organisations.models import Organisation, Role
from abonde.organisations.permissions import has_second_factor, role_of
from abonde.people.models import Person
from abonde.projects.models import Attachment, AttachmentKind, ConflictOfInterest, Holder, Project, Question
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import PUBLIC


def public_projects(round: Round) -> QuerySet[Project]:  # noqa: A002  (the word of the domain)
    """The projects that receive gifts, by name, each with its challenge, its legal person and its `pictures` (two queries in all)."""
    return _with_pictures(Project.objects.filter(round=round, state=State.SELECTED)).order_by("name", "id")


def projects_on_cards(numbers: list[int]) -> list[Project]:
    """These projects, in any order, each with its challenge and its `pictures`, for cards (two queries)."""
    found = _on_cards(numbers)
    pictures: dict[int, list[Attachment]] = {}
    for picture in _pictures(numbers):
        pictures.setdefault(picture.project_id, []).append(picture)
    for project in found:
        project.pictures = pictures.get(project.pk, [])  # type: ignore[attr-defined]  # as where it is prefetched
    return found


@prepared
def _on_cards(numbers: list) -> QuerySet[Project]:  # type: ignore[type-arg]
    # A card tells none of what makes a project's row long, and nothing of who would receive the money.
    rows = Project.objects.filter(pk__in=any_of(numbers, "bigint")).select_related("challenge")
    return rows.defer("story", "ties", "licence")


@prepared
def _pictures(numbers: list) -> QuerySet[Attachment]:  # type: ignore[type-arg]
    return Attachment.objects.filter(
        kind=AttachmentKind.IMAGE, project__in=any_of(numbers, "bigint")
    ).order_by("position", "pk")


def public_project(round_slug: str, slug: str) -> Project:
    """A project that anyone may see, with its round and host: selected, or withdrawn after it was (two queries).

    Raises Project.DoesNotExist. Only a project in the state `selected` takes gifts.
    """
    seen = Project.objects.filter(
        round__slug=round_slug, round__state__in=PUBLIC, selected_at__isnull=False, slug=slug
    )
    shown = _with_pictures(seen.filter(state__in=[State.SELECTED, State.WITHDRAWN]))
    return shown.select_related("round__host").get()


def matching_projects(round: Round) -> list[matching.Project]:  # noqa: A002
    """The projects that the mechanism matches, in the order of their keys; the need is the ideal one, in cents."""
    return [
        matching.Project(
            key=key,
            name=name,
            challenge=challenge,
            place=place or None,
            need=None if need is None else Cents(need),
        )
        for key, name, challenge, place, need in _matched(round.pk)
    ]


@prepared
def _matched(round_: int) -> QuerySet[Project, tuple[str, str, str | None, str, int | None]]:
    rows = Project.objects.filter(round=round_, state=State.SELECTED).order_by("slug")
    # Each page of a project asks this: stories and texts stay in the database.
    return rows.values_list("slug", "name", "challenge__key", "place", "need_ideal")


def held_by(person: Person) -> QuerySet[Project]:
    """The projects that the person carries, the newest first."""
    held = Project.objects.filter(holders__person=person).select_related("round", "round__host", "challenge")
    return held.order_by("-created_at", "-id")


def holds(person: Person, project: Project) -> bool:
    """Whether the person is one of those who run the project."""
    return Holder.objects.filter(person=person, project=project).exists()


def holders_of(project: Project) -> list[Person]:
    """Those who run the project and still have an account, the first one first."""
    return list(Person.objects.active().filter(held__project=project).order_by("held__id"))


def applications(round: Round, *, states: Iterable[State] = ()) -> QuerySet[Project]:  # noqa: A002
    """What the host reviews: everything that was ever submitted, the longest waiting first."""
    rows = Project.objects.filter(round=round, submitted_at__isnull=False).select_related("challenge")
    if states := list(states):
        rows = rows.filter(state__in=states)
    return rows.order_by("submitted_at", "id")


def _with_pictures(projects: QuerySet[Project]) -> QuerySet[Project]:
    pictures = Attachment.objects.filter(kind=AttachmentKind.IMAGE)
    return projects.select_related("challenge", "legal_person").prefetch_related(
        Prefetch("attachments", queryset=pictures, to_attr="pictures")
    )


def deciders_of(project: Project) -> list[Person]:
    """The agents of the host who may decide about the project: reviewers and managers without a tie to it."""
    agents = Person.objects.active().filter(
        memberships__organisation=project.round.host,
        memberships__ended_at=None,
        memberships__role__in=[Role.MANAGER, Role.REVIEWER],
    )
    tied = ConflictOfInterest.objects.filter(project=project).values("person")
    return list(agents.exclude(pk__in=tied).exclude(held__project=project).order_by("pk"))


def may_see(person: Person | None, attachment: Attachment) -> bool:
    """Whether the person may open the file: pictures of public projects are everyone's, the rest is not.

    The rest is for those who run the project and for the host's agents who have their second factor.
    """
    project = attachment.project
    if attachment.kind == AttachmentKind.IMAGE and is_public(project):
        return True
    if person is None:
        return False
    if holds(person, project):
        return True
    return role_of(person, project.round.host) is not None and has_second_factor(person)


def questions_of(project: Project) -> QuerySet[Question]:
    """What everyone reads, the newest first."""
    return project.questions.filter(hidden_at=None)


def questions_to(host: Organisation) -> QuerySet[Question]:
    """All that was asked in the host's rounds, hidden ones too, the newest first."""
    return Question.objects.filter(project__round__host=host).select_related("project__round")


def is_public(project: Project) -> bool:
    """Whether anyone may see the project: it was selected, and its round is public."""
    seen = project.selected_at is not None and project.state in {State.SELECTED, State.WITHDRAWN}
    return seen and project.round.state in PUBLIC


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of a project's history: when (UTC), who, and the verb of the log of events."""

    at: datetime
    who: str
    verb: str


def history_of(project: Project) -> list[Deed]:
    """What was done to the project, the newest first; an account that is deleted has no name.

    What somebody wrote in a row, pause by pause, is told once.
    """
    mine = Event.objects.filter(subject_type="projects.project", subject_id=str(project.pk))
    events = list(mine.order_by("-id"))
    ids = {event.actor.removeprefix("person:") for event in events if event.actor}
    names = {person.actor: str(person) for person in Person.objects.active().filter(pk__in=ids)}
    runs = groupby(events, key=lambda one: (one.actor, one.verb, one.verb == "save_application" or one.pk))
    newest = (next(run) for _key, run in runs)
    return [Deed(one.at, names.get(one.actor or "", ""), one.verb) for one in newest]
