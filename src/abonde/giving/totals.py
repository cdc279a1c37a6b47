"""The totals of a round, kept by the very transaction that changes them.

Every writer locks in one order, so that none waits for another in a circle: the person, then project by project, in the
order of their numbers, the person's support and the project's total.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import F
from django.db.transaction import atomic

from abonde.giving.counting import Change, change
from abonde.giving.models import ProjectTotal, Support
from abonde.matching.rules import Counting
from abonde.people.models import Person
from abonde.register.models import Register
from abonde.register.queries import has_voice
from abonde.rounds.models import Round


@atomic
def add_money(*, round: Round, person_id: UUID, moved: Mapping[int, int]) -> None:  # noqa: A002
    """Take settled money of one person into the totals: cents by project number, negative for what goes back."""
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    eligible = round.register is not None and has_voice(person, round.register)
    counting = round.rules.counting
    for project in sorted(moved):
        support = _support(project, person, eligible=eligible)
        before, after = support.cents, support.cents + moved[project]
        Support.objects.filter(pk=support.pk).update(cents=after)
        _apply(
            project,
            change(
                counting,
                before=before if support.eligible else 0,
                after=after if support.eligible else 0,
                received=moved[project],
            ),
            givers=(after > 0) - (before > 0),
        )


@atomic
def refresh_person(person: Person, register: Register) -> None:
    """A voice was granted or taken back: let what the person gave in the rounds of the register count, or not."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    eligible = has_voice(person, register)
    rows = (
        Support.objects.select_for_update(of=("self",))
        .filter(person=person, project__round__register=register)
        .exclude(eligible=eligible)
        .select_related("project__round")
        .order_by("project_id")
    )
    for row in rows:
        Support.objects.filter(pk=row.pk).update(eligible=eligible)
        counting: Counting = row.project.round.rules.counting
        before, after = (0, row.cents) if eligible else (row.cents, 0)
        _apply(row.project_id, change(counting, before=before, after=after, received=0), givers=0)


def _support(project: int, person: Person, *, eligible: bool) -> Support:
    Support.objects.bulk_create(
        [Support(project_id=project, person=person, eligible=eligible)], ignore_conflicts=True
    )
    return Support.objects.select_for_update().get(project_id=project, person=person)


def _apply(project: int, moved: Change, *, givers: int) -> None:
    changes = {
        "received": F("received") + moved.received,
        "givers": F("givers") + givers,
        "persons": F("persons") + moved.persons,
        "counted": F("counted") + moved.counted,
        "roots": F("roots") + moved.roots,
        "squares": F("squares") + moved.squares,
    }
    if not ProjectTotal.objects.filter(project_id=project).update(**changes):
        ProjectTotal.objects.bulk_create([ProjectTotal(project_id=project)], ignore_conflicts=True)
        ProjectTotal.objects.filter(project_id=project).update(**changes)
