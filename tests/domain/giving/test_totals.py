"""The totals kept gift by gift are those of a full count, whatever comes and goes, and whoever acts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from threading import Barrier, Thread

import pytest
from django.db import connection

from abonde.core.models import Event
from abonde.giving.actions import (
    bring_back_contributions,
    rebuild_totals,
    settle_contributions,
    take_back_contributions,
)
from abonde.giving.models import ContributionState, ProjectTotal, Support
from abonde.giving.queries import (
    brought_by,
    effects_of,
    estimate_of,
    gifts_in,
    person_gifts_rows,
    tally_of,
    totals_of,
)
from abonde.giving.rebuilding import Difference
from abonde.matching import Gift, allocate, tally_gifts
from abonde.register.actions import revoke_certificate
from abonde.register.models import Certificate
from abonde.rounds.models import Round
from tests.factories import a_person, a_pledge, a_project, a_round, a_settled_gift, a_voice, the_manager

pytestmark = pytest.mark.usefixtures("database")


def counted_anew(round_: Round) -> dict[str, object]:
    gifts = [
        Gift(person, project, cents, eligible)
        for person, project, cents, eligible in person_gifts_rows(round_)
    ]
    return dict(tally_gifts(gifts, round_.rules))


def kept(round_: Round) -> dict[str, object]:
    return {key: tally for key, tally in tally_of(round_).items() if tally.received}


def test_kept_totals_are_those_of_a_full_count() -> None:
    round_, dice = a_round(), Random(7)
    projects = [a_project(round_) for _ in range(4)]
    people = [a_person() for _ in range(12)]
    for person in people[:9]:
        a_voice(person, round_)
    for _ in range(40):
        a_settled_gift(
            dice.choice(projects),
            dice.choice([500, 700, 1200, 5000, 20_000]),
            person=dice.choice(people),
            voice=False,
        )
    assert kept(round_) == counted_anew(round_)
    assert rebuild_totals(round_) == []
    full = allocate(
        projects=estimate_of(round_).allocation.projects.values(),
        tally=tally_of(round_),
        pots=[p.pot for p in estimate_of(round_).allocation.pots],
        rules=round_.rules,
    )
    assert full.matching == estimate_of(round_).allocation.matching


def test_a_voice_that_comes_late_or_goes_changes_what_counts() -> None:
    round_ = a_round()
    project, person = a_project(round_), a_person()
    a_settled_gift(project, 2000, person=person, voice=False)
    assert ProjectTotal.objects.get(project=project).persons == 0
    a_voice(person, round_)
    assert ProjectTotal.objects.get(project=project).counted == 2000
    certificate = Certificate.objects.get(person=person, register=round_.register)
    revoke_certificate(
        person=the_manager(certificate.register.owner), certificate=certificate, reason="Moved away."
    )
    total = ProjectTotal.objects.get(project=project)
    assert (total.persons, total.counted, int(total.roots), total.received, total.givers) == (
        0,
        0,
        0,
        2000,
        1,
    )
    assert rebuild_totals(round_) == []


def test_money_that_goes_back_and_returns() -> None:
    round_ = a_round()
    project = a_project(round_)
    pledge = a_settled_gift(project, 3000)
    assert take_back_contributions(pledge=pledge, state=ContributionState.CHARGED_BACK) == {project.key: 3000}
    assert ProjectTotal.objects.get(project=project).received == 0
    assert bring_back_contributions(pledge=pledge) == {project.key: 3000}
    assert bring_back_contributions(pledge=pledge) == {}
    assert take_back_contributions(pledge=pledge, state=ContributionState.REFUNDED) == {project.key: 3000}
    assert take_back_contributions(pledge=pledge, state=ContributionState.REFUNDED) == {}
    assert rebuild_totals(round_) == []


def test_settled_twice_counts_once_and_empties_the_basket() -> None:
    round_ = a_round()
    project, person = a_project(round_), a_person()
    pledge = a_pledge(person, {project: 1000})
    assert settle_contributions(pledge=pledge) == {project.key: 1000}
    assert settle_contributions(pledge=pledge) == {}
    assert totals_of(round_).received == 1000
    assert pledge.basket is not None
    assert not pledge.basket.lines.exists()


def test_a_wrong_total_is_found_and_mended() -> None:
    round_ = a_round()
    project = a_project(round_)
    a_settled_gift(project, 1000)
    ProjectTotal.objects.filter(project=project).update(received=7, persons=3)
    Support.objects.filter(project=project).update(cents=9)
    assert {one.column for one in rebuild_totals(round_)} == {"received", "persons", "supports"}
    assert rebuild_totals(round_) == []
    assert kept(round_) == counted_anew(round_)
    assert Event.objects.filter(verb="mend_totals", subject_id=str(project.pk)).count() == 1


@pytest.mark.parametrize("wrong", [{"cents": 9}, {"eligible": False}])
def test_a_wrong_sum_of_one_person_is_found_even_where_the_totals_are_right(wrong: dict[str, int]) -> None:
    round_ = a_round()
    project = a_project(round_)
    a_settled_gift(project, 1000)
    Support.objects.filter(project=project).update(**wrong)
    assert rebuild_totals(round_) == [Difference(project.key, "supports", 1, 0)]
    Support.objects.filter(project=project).delete()
    assert rebuild_totals(round_) == [Difference(project.key, "supports", 1, 0)]
    assert rebuild_totals(round_) == []
    assert kept(round_) == counted_anew(round_)


def at_once(deeds: Sequence[Callable[[], object]]) -> None:
    start, problems = Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        try:
            start.wait()
            deed()
        except BaseException as problem:  # noqa: BLE001  (told to the test)
            problems.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_many_at_once_on_the_same_projects() -> None:
    round_ = a_round()
    projects = [a_project(round_) for _ in range(3)]
    pledges = []
    for number in range(20):
        person = a_person()
        a_voice(person, round_)
        pledges.append(
            a_pledge(person, dict.fromkeys(projects if number % 2 else projects[::-1], 500 + 100 * number))
        )
    at_once([partial(settle_contributions, pledge=pledge) for pledge in [*pledges, *pledges[:4]]])
    assert ProjectTotal.objects.get(project=projects[0]).givers == 20
    assert rebuild_totals(round_) == []


def test_the_effect_of_a_basket_is_what_the_estimate_becomes() -> None:
    round_ = a_round()
    projects = [a_project(round_) for _ in range(3)]
    for project in projects:
        for _ in range(6):
            a_settled_gift(project, 1000)
    person = a_person()
    a_voice(person, round_)
    before = estimate_of(round_)
    effects = effects_of(round_, {projects[0]: 1000, projects[1]: 2000}, person)
    (alone,) = effects_of(round_, {projects[0]: 1000}, person)
    pledge = a_pledge(person, {projects[0]: 1000, projects[1]: 2000})
    settle_contributions(pledge=pledge)
    after = estimate_of(round_)
    assert [effect.together for effect in effects] == [
        after.added(effect.project.key) - before.added(effect.project.key) for effect in effects
    ]
    first, second = (project.key for project in projects[:2])
    assert alone.added == alone.together
    with_first_only = after.after({second: (2000, 0)})
    assert effects[1].added == after.added(second) - with_first_only.added(second)
    assert alone.added == with_first_only.added(first) - before.added(first)
    assert brought_by(pledge, gifts_in(pledge)) == effects, (
        "what a gift brings is what was said before it was paid"
    )
