"""The totals computed anew from the contributions, to compare with those that were kept, and to mend them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import Sum
from django.db.transaction import atomic

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.engines.rows import GiftRows, count_rows, tally_rows
from abonde.giving.models import Contribution, ContributionState, LinkedMeasure, ProjectTotal, Support
from abonde.matching import tally_project
from abonde.projects.models import Project
from abonde.register.queries import voices_among
from abonde.rounds.models import Round


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept total that is not what the contributions add up to; for `supports`, how many rows of persons were wrong."""

    project: str
    column: str
    kept: int
    right: int


@atomic
def rebuild_totals(round: Round) -> list[Difference]:  # noqa: A002  (the word of the domain)
    """Add up every settled contribution of the round again, and mend what differs, with an event that says so.

    The totals are locked meanwhile: gifts wait, so that nothing settles between reading and writing.
    """
    projects = {project.pk: project for project in Project.objects.filter(round=round).order_by("pk")}
    ProjectTotal.objects.bulk_create([ProjectTotal(project_id=pk) for pk in projects], ignore_conflicts=True)
    kept = {
        row.project_id: row
        for row in ProjectTotal.objects.select_for_update()
        .filter(project__in=projects)
        .order_by("project_id")
    }
    supports = _supports(round)
    mended = _mend_supports(projects, supports)
    found = []
    for pk, row in kept.items():
        right = _total(round, supports.get(pk, {}))
        wrong = {name: value for name, value in right.items() if int(getattr(row, name)) != value}
        if wrong:
            ProjectTotal.objects.filter(pk=pk).update(**wrong)
        differences = [
            Difference(projects[pk].key, name, int(getattr(row, name)), value)
            for name, value in wrong.items()
        ]
        if mended[pk]:
            differences.append(Difference(projects[pk].key, "supports", mended[pk], 0))
        if differences:
            _tell(round, projects[pk], differences)
        found += differences
    return found


def _tell(round: Round, project: Project, differences: list[Difference]) -> None:  # noqa: A002
    record_event(
        actor=None,
        verb="mend_totals",
        subject=project,
        before={one.column: str(one.kept) for one in differences},
        after={one.column: str(one.right) for one in differences},
        tenant=round.host.reference,
    )


@atomic
def measure_links(round: Round) -> None:  # noqa: A002
    """Measure the support of every project under a mechanism in which one gift changes other projects."""
    keys = dict(Project.objects.filter(round=round).order_by("pk").values_list("pk", "slug"))
    place = {pk: number for number, pk in enumerate(keys)}
    persons: dict[UUID, int] = {}
    rows = [
        (persons.setdefault(person, len(persons)), place[project], cents, eligible)
        for person, project, cents, eligible in Support.objects.filter(
            project__in=keys, cents__gt=0
        ).values_list("person_id", "project_id", "cents", "eligible")
    ]
    columns = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)
    gifts = GiftRows(
        projects=list(keys.values()),
        person=columns[:, 0],
        project=columns[:, 1],
        cents=columns[:, 2],
        eligible=np.array([row[3] for row in rows], np.bool_),
    )
    rules = round.rules
    tallies = tally_rows(count_rows(gifts, rules.counting), rules)
    for pk, key in keys.items():
        tally = tallies.get(key)
        ProjectTotal.objects.filter(project_id=pk).update(
            voices=tally.voices if tally else 0, linked=tally.linked if tally else 0
        )
    LinkedMeasure.objects.update_or_create(round=round, defaults={"at": transaction_time()})


def _supports(round: Round) -> dict[int, dict[UUID, tuple[int, bool]]]:  # noqa: A002
    """What each person has settled for each project (cents), and whether they have a voice."""
    rows = list(
        Contribution.objects.filter(project__round=round, state=ContributionState.SETTLED)
        .values_list("project_id", "pledge__person_id")
        .annotate(cents=Sum("amount"))
    )
    persons = {person for _, person, _ in rows}
    voices = voices_among(round.register, persons, before=round.giving_closes_at) if round.register else set()
    found: defaultdict[int, dict[UUID, tuple[int, bool]]] = defaultdict(dict)
    for project, person, cents in rows:
        found[project][person] = (cents, person in voices)
    return found


def _mend_supports(
    projects: dict[int, Project], supports: dict[int, dict[UUID, tuple[int, bool]]]
) -> Counter[int]:
    """Write what each person's row should be; how many rows were wrong, by project."""
    mended: Counter[int] = Counter()
    right = {
        (project, person): value for project, people in supports.items() for person, value in people.items()
    }
    for row in Support.objects.filter(project__in=list(projects)):
        cents, eligible = right.pop((row.project_id, row.person_id), (0, row.eligible))
        if (row.cents, row.eligible) != (cents, eligible):
            Support.objects.filter(pk=row.pk).update(cents=cents, eligible=eligible)
            mended[row.project_id] += 1
    mended.update(project for project, _ in right)
    Support.objects.bulk_create(
        [
            Support(project_id=project, person_id=person, cents=cents, eligible=eligible)
            for (project, person), (cents, eligible) in right.items()
        ],
        batch_size=5000,
    )
    return mended


def _total(round: Round, people: dict[UUID, tuple[int, bool]]) -> dict[str, int]:  # noqa: A002
    counting = round.rules.counting
    amounts: defaultdict[int, int] = defaultdict(int)
    for cents, eligible in people.values():
        if eligible and (counted := counting.count(cents)):
            amounts[counted] += 1
    tally = tally_project(amounts)
    return {
        "received": sum(cents for cents, _ in people.values()),
        "givers": len(people),
        "persons": tally.persons,
        "counted": tally.counted,
        "roots": tally.roots,
        "squares": tally.squares,
    }
