"""What is asked about giving: what a round has received, what the fund would add, who gave what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Prefetch, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from abonde.core.prepared import prepared
from abonde.funds.queries import pots_of
from abonde.giving.baskets import lines_of
from abonde.giving.counting import change
from abonde.giving.models import (
    Basket,
    Contribution,
    ContributionState,
    LinkedMeasure,
    Pledge,
    ProjectTotal,
    Support,
)
from abonde.matching import Mechanism, Project, allocate
from abonde.matching.allocation import Allocation, reallocate
from abonde.matching.amounts import Cents
from abonde.matching.pots import reaching
from abonde.matching.tally import ProjectTally
from abonde.people.models import Person
from abonde.people.personal_data import Kept
from abonde.projects.models import Project as ProjectRow
from abonde.projects.states import State
from abonde.rounds.models import Round

ALONE: Final = frozenset({Mechanism.QUADRATIC, Mechanism.PROPORTIONAL})
"""The mechanisms under which one gift changes the support of its own project only: their totals are always right."""


@dataclass(frozen=True, slots=True)
class RoundTotals:
    """What a round has received: cents, persons who gave, and persons of whom something counts."""

    received: Cents
    givers: int
    voices: int
    gifts: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the fund would add if the round closed now: exact for the gifts settled by now.

    Under mechanisms in which one gift changes other projects, the support is the one last measured, at `at` (UTC).
    """

    allocation: Allocation
    at: datetime | None = None

    def added(self, project: str) -> Cents:
        """What the fund would add to the project of this key, in cents."""
        return self.allocation.matching.get(project, Cents(0))

    def after(self, gifts: Mapping[str, tuple[int, int]]) -> Estimate:
        """The estimate if one person's eligible sums on some projects went from a first to a second number of cents."""
        now = self.allocation
        changed = {
            project: change(now.rules.counting, before=before, after=after, received=after - before).on(
                now.tally[project]
            )
            for project, (before, after) in gifts.items()
        }
        return Estimate(reallocate(now, changed), self.at)


@dataclass(frozen=True, slots=True)
class Effect:
    """A gift and what it brings its project (cents). Without a voice, it is what a voice would bring.

    `added` is what the fund adds because of this gift, beside the person's other ones; `together` is how what the fund
    adds to its project moves with all of them, which may be less: they may draw on the same pot. Both are None under
    mechanisms in which a gift changes other projects too: what it brings is known when all is measured again.
    """

    project: ProjectRow
    amount: Cents
    added: Cents | None
    together: Cents | None


@dataclass(frozen=True, slots=True)
class DayOfGiving:
    """One day: contributions settled, and their cents."""

    day: date
    gifts: int
    received: Cents


def tally_of(round: Round) -> dict[str, ProjectTally]:  # noqa: A002  (the word of the domain)
    """The tally of each project that is matched, by key. One query."""
    return _counted_projects(round)[1]


def _counted_projects(round_: Round) -> tuple[list[Project], dict[str, ProjectTally]]:
    """The projects that are matched, in the order of their keys, and the tally of each. One query."""
    projects, tally = [], {}
    for row in _counted(round_.pk):
        key, name, challenge, place, need, received, persons, counted, *sums = row
        projects.append(Project(key, name, challenge, place or None, need))
        if received is None:  # nothing was ever given to it
            tally[key] = ProjectTally()
        else:
            tally[key] = ProjectTally(received, persons, counted, *map(int, sums))
    return projects, tally


@prepared
def _counted(round_: int) -> QuerySet[ProjectRow, tuple[Any, ...]]:
    rows = ProjectRow.objects.filter(round=round_, state=State.SELECTED).order_by("slug")
    totals = ("received", "persons", "counted", "roots", "squares", "voices", "linked")
    return rows.values_list(
        "slug", "name", "challenge__key", "place", "need_ideal", *(f"total__{one}" for one in totals)
    )


def estimate_of(round: Round) -> Estimate:  # noqa: A002
    """What the fund would add if the round closed now."""
    rules = round.rules
    projects, tally = _counted_projects(round)
    measured = None if rules.mechanism in ALONE else LinkedMeasure.objects.filter(round=round).first()
    allocation = allocate(
        projects=projects, tally=tally, pots=reaching(pots_of(round), projects), rules=rules
    )
    return Estimate(allocation, measured.at if measured else None)


def effects_of(
    round: Round,  # noqa: A002
    lines: Mapping[ProjectRow, int],
    person: Person | None,
    estimate: Estimate | None = None,
) -> list[Effect]:
    """What each line of a basket (cents by project) would bring, beside the others and what the person gave before."""
    now = estimate or estimate_of(round)
    if now.allocation.rules.mechanism not in ALONE:
        return [Effect(row, Cents(cents), None, None) for row, cents in lines.items()]
    given = _eligible_sums(round, person)
    moves = {
        row.key: (given.get(row.key, 0), given.get(row.key, 0) + cents)
        for row, cents in lines.items()
        if row.key in now.allocation.projects
    }
    return _effects(now, now.after(moves), lines, moves)


def gifts_in(pledge: Pledge) -> list[Contribution]:
    """The contributions of a pledge, each with its project."""
    return _gifts(pledge.pk)


@prepared
def _gifts(pledge: UUID) -> QuerySet[Contribution]:
    # Stories and texts stay in the database: a slip names its projects.
    gifts = Contribution.objects.filter(pledge=pledge).select_related("project").order_by("id")
    return gifts.defer("project__story", "project__ties")


def brought_by(pledge: Pledge, settled: Iterable[Contribution]) -> list[Effect]:
    """What these contributions of a pledge, all settled, bring today.

    Contributions that are not matched, for want of a voice or because the project was withdrawn, are left out; so are
    all where what a single gift brings is not known.
    """
    if pledge.round.rules.mechanism not in ALONE:
        return []
    now, given = estimate_of(pledge.round), _eligible_sums(pledge.round, pledge.person)
    lines = {
        one.project: one.amount
        for one in settled
        if one.project.key in now.allocation.projects and given.get(one.project.key, 0) >= one.amount
    }
    moves = {row.key: (given[row.key] - cents, given[row.key]) for row, cents in lines.items()}
    before = now.after({key: (after, rest) for key, (rest, after) in moves.items()})
    return _effects(before, now, lines, moves)


def _effects(
    before: Estimate, after: Estimate, lines: Mapping[ProjectRow, int], moves: Mapping[str, tuple[int, int]]
) -> list[Effect]:
    """The effects of the person's eligible sums going from a first to a second number of cents, by project key."""
    effects = []
    for row, cents in lines.items():
        key = row.key
        added = together = 0
        if key in moves:
            beside = {other: move for other, move in moves.items() if other != key}
            others = before.after(beside) if beside else before
            added = after.added(key) - others.added(key)
            together = after.added(key) - before.added(key)
        effects.append(Effect(row, Cents(cents), Cents(added), Cents(together)))
    return effects


def _eligible_sums(round: Round, person: Person | None) -> dict[str, int]:  # noqa: A002
    if person is None:
        return {}
    return dict(_eligible_rows(person.pk, round.pk))


@prepared
def _eligible_rows(person: UUID, round_: int) -> QuerySet[Support, tuple[str, int]]:
    rows = Support.objects.filter(person=person, eligible=True, project__round=round_)
    return rows.values_list("project__slug", "cents")


def totals_of(round: Round) -> RoundTotals:  # noqa: A002
    """What the round has received so far, withdrawn projects included."""
    received = ProjectTotal.objects.filter(project__round=round).aggregate(total=Sum("received"))["total"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT givers, voices FROM giving_people_of_round WHERE round_id = %s", [round.pk])
        givers, voices = cursor.fetchone() or (0, 0)
    return RoundTotals(
        received=Cents(received or 0),
        givers=givers,
        voices=voices,
        gifts=Contribution.objects.filter(project__round=round, state=ContributionState.SETTLED).count(),
    )


def days_of(round: Round) -> list[DayOfGiving]:  # noqa: A002
    """The settled contributions of the round day by day, in the time zone of the pages."""
    rows = (
        Contribution.objects.filter(project__round=round, state=ContributionState.SETTLED)
        .annotate(day=TruncDate("settled_at"))
        .values("day")
        .annotate(gifts=Count("id"), received=Sum("amount"))
        .order_by("day")
    )
    return [DayOfGiving(row["day"], row["gifts"], Cents(row["received"])) for row in rows]


def givers_by_day(round: Round) -> dict[date, int]:  # noqa: A002
    """How many people had a contribution settled on each day; who gave on two days counts on both."""
    rows = (
        Contribution.objects.filter(project__round=round, state=ContributionState.SETTLED)
        .annotate(day=TruncDate("settled_at"))
        .values("day")
        .annotate(people=Count("pledge__person", distinct=True))
    )
    return {row["day"]: row["people"] for row in rows}


def person_gifts_rows(round: Round) -> Iterator[tuple[str, str, int, bool]]:  # noqa: A002
    """Who settled how much for what, and whether it may be matched: person's id, project's key, cents."""
    rows = (
        Support.objects.filter(project__round=round, project__state=State.SELECTED, cents__gt=0)
        .order_by("person_id", "project_id")
        .values_list("person_id", "project__slug", "cents", "eligible")
    )
    for person, project, cents, eligible in rows.iterator(chunk_size=10_000):
        yield str(person), project, cents, eligible


def gifts_of(person: Person) -> QuerySet[Contribution]:
    """All that the person ever pledged, the newest first."""
    return (
        Contribution.objects.filter(pledge__person=person)
        .select_related("pledge__round", "project")
        .order_by("-pledge__pledged_at", "id")
    )


def pledges_of(person: Person) -> QuerySet[Pledge]:
    """The person's check-outs, the newest first, each with its round and its contributions. Two queries."""
    gifts = Contribution.objects.select_related("project").order_by("id")
    return (
        Pledge.objects.filter(person=person)
        .select_related("round")
        .prefetch_related(Prefetch("contributions", gifts))
        .order_by("-pledged_at", "-id")
    )


def received_from(person: Person) -> dict[int, Cents]:
    """What was received of the person in each round, in cents by the round's number."""
    settled = Contribution.objects.filter(pledge__person=person, state=ContributionState.SETTLED)
    return {
        number: Cents(cents)
        for number, cents in settled.values_list("pledge__round").annotate(total=Sum("amount"))
    }


def basket_lines(basket: Basket | None) -> dict[ProjectRow, int]:
    """Cents by project, each with its `picture`, in the order in which they were put in."""
    found = {}
    for line in lines_of(basket) if basket else ():
        line.project.picture = line.picture  # type: ignore[attr-defined]  # annotated by lines_of
        found[line.project] = line.amount
    return found


def personal_data(person: Person) -> list[dict[str, object]]:
    """The person's gifts, for the export of their data."""
    return [
        {
            "round": gift.pledge.round.name,
            "project": gift.project.name,
            "cents": gift.amount,
            "state": gift.state,
            "pledged_at": gift.pledge.pledged_at,
        }
        for gift in gifts_of(person)
    ]


KEPT: Final = Kept(
    key="gifts",
    what=_("Your gifts and your baskets"),
    why=_("to pay them to the projects, to count them once, and because accounts must be kept"),
    until=_("ten years for the accounts; after your account is deleted they lead to nobody"),
    data=personal_data,
)
