"""The totals of a round, kept by the very transaction that changes them.

Every writer locks in one order, so that none waits for another in a circle: the person, then the totals of the projects
in the order of their numbers. The person's supports are written under these locks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.transaction import atomic

from abonde.core.prepared import any_of, insert_rows, prepared, update_row
from abonde.giving.counting import Change, change
from abonde.giving.models import ProjectTotal, Support
from abonde.giving.voices import counts, voice_counts_in
from abonde.people.models import Person
from abonde.register.models import Register
from abonde.register.queries import voice_since
from abonde.rounds.models import Round

KEPT = ("received", "givers", "persons", "counted", "roots", "squares")


@atomic(savepoint=False)
def add_money(*, round: Round, person_id: UUID, moved: Mapping[int, int]) -> None:  # noqa: A002
    """Take settled money of one person into the totals: cents by project number, negative for what goes back."""
    person = _lock.get(person_id)
    totals = _locked(moved)
    supports = {row.project_id: row for row in _supports(person.pk, round.pk) if row.project_id in moved}
    known = frozenset(supports)
    new = [Support(project_id=project, person=person) for project in sorted(moved) if project not in known]
    if new:
        eligible = voice_counts_in(round, person)
        for row in new:
            row.eligible = eligible
            supports[row.project_id] = row
    counting = round.rules.counting
    for project, cents in moved.items():
        row, before = supports[project], supports[project].cents
        row.cents = before + cents
        counted = (before, row.cents) if row.eligible else (0, 0)
        _apply(
            totals[project],
            change(counting, before=counted[0], after=counted[1], received=cents),
            givers=(row.cents > 0) - (before > 0),
        )
    insert_rows(new)
    for row in supports.values():
        if row.project_id in known:
            update_row(row, "cents")
    _write(totals)


@prepared
def _supports(person: UUID, round_: int) -> QuerySet[Support]:
    return Support.objects.filter(person=person, project__round=round_)


@prepared
def _lock(person: UUID) -> QuerySet[Person]:
    return Person.objects.select_for_update(no_key=True).filter(pk=person)


@atomic(savepoint=False)
def refresh_person(person: Person, register: Register) -> None:
    """A voice was granted or taken back: let what the person gave in the rounds of the register count, or not."""
    _lock.get(person.pk)
    since = voice_since(person, register)
    supports = Support.objects.filter(person=person, project__round__register=register)
    rows = [
        row
        for row in supports.select_related("project__round")
        if row.eligible != counts(since, row.project.round)
    ]
    totals = _locked({row.project_id for row in rows})
    for row in rows:
        before, after = (row.cents, 0) if row.eligible else (0, row.cents)
        counting = row.project.round.rules.counting
        _apply(totals[row.project_id], change(counting, before=before, after=after, received=0), givers=0)
    Support.objects.filter(pk__in=[row.pk for row in rows]).update(eligible=~F("eligible"))
    _write(totals)


def _locked(projects: Collection[int]) -> dict[int, ProjectTotal]:
    """The totals of the projects, by their number, locked until the transaction ends; missing ones are made."""
    found = {row.project_id: row for row in _locked_totals(list(projects))}
    if len(found) < len(projects):
        missing = sorted(set(projects) - set(found))
        ProjectTotal.objects.bulk_create(
            [ProjectTotal(project_id=project) for project in missing], ignore_conflicts=True
        )
        found = {row.project_id: row for row in _locked_totals(list(projects))}
    return found


@prepared
def _locked_totals(projects: list) -> QuerySet[ProjectTotal]:  # type: ignore[type-arg]
    rows = ProjectTotal.objects.select_for_update().filter(project__in=any_of(projects, "bigint"))
    return rows.order_by("project_id")


def _apply(row: ProjectTotal, moved: Change, *, givers: int) -> None:
    row.received += moved.received
    row.givers += givers
    row.persons += moved.persons
    row.counted += moved.counted
    row.roots = int(row.roots) + moved.roots
    row.squares = int(row.squares) + moved.squares


def _write(totals: Mapping[int, ProjectTotal]) -> None:
    """One statement for all: the rows exist and are locked, so every one of them is updated."""
    insert_rows(list(totals.values()), key=("project",), changing=KEPT)
