from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from procrastinate.contrib.django import app

from abonde.core.clock import present_time
from abonde.core.models import Event
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusals
from abonde.notifications.models import Letter
from abonde.rounds.actions import (
    advance_round,
    advance_rounds,
    edit_round_calendar,
    move,
    open_round,
)
from abonde.rounds.announcing import on_move
from abonde.rounds.calendar import Calendar, NoSuchTime, instant_at
from abonde.rounds.models import Challenge, Round
from abonde.rounds.queries import is_open_for_gifts
from abonde.rounds.rules import next_by_clock
from abonde.rounds.states import State
from abonde.rounds.tasks import advance
from tests.factories import a_register, a_round, a_signed_draft, the_manager


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2030-01-15T18:00", datetime(2030, 1, 15, 17, tzinfo=UTC)),
        ("2030-07-15T18:00", datetime(2030, 7, 15, 16, tzinfo=UTC)),
        ("2030-03-31T01:59", datetime(2030, 3, 31, 0, 59, tzinfo=UTC)),
        ("2030-03-31T03:00", datetime(2030, 3, 31, 1, 0, tzinfo=UTC)),
        ("2030-10-27T01:59", datetime(2030, 10, 26, 23, 59, tzinfo=UTC)),
        ("2030-10-27T03:00", datetime(2030, 10, 27, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_that_of_paris(local: str, instant: datetime) -> None:
    assert instant_at(datetime.fromisoformat(local)) == instant


@pytest.mark.parametrize(
    ("local", "words"),
    [
        ("2030-03-31T02:00", "does not exist"),
        ("2030-03-31T02:59", "does not exist"),
        ("2030-10-27T02:00", "comes twice"),
        ("2030-10-27T02:59", "comes twice"),
    ],
)
def test_the_hour_that_is_skipped_or_repeated_is_refused(local: str, words: str) -> None:
    with pytest.raises(NoSuchTime, match=words):
        instant_at(datetime.fromisoformat(local))


def in_days(**days: float) -> dict[str, Any]:
    now = present_time()
    return {name: now + timedelta(days=number) for name, number in days.items()}


def test_the_clock_carries_a_round_from_state_to_state(database: None) -> None:
    late = a_round(
        state=State.APPLICATIONS,
        has_selection=True,
        **in_days(applications_open_at=-9, applications_close_at=-8, giving_opens_at=-7, giving_closes_at=-1),
    )
    moved: list[tuple[State, str]] = []

    def note(round_: Round, before: State) -> None:
        if round_.pk == late.pk:
            moved.append((before, round_.state))

    on_move.append(note)
    try:
        assert late in advance_rounds()
    finally:
        on_move.remove(note)
    late.refresh_from_db()
    assert late.state == State.CLOSED
    assert moved == [("applications", "selection"), ("selection", "giving"), ("giving", "closed")]
    events = Event.objects.filter(subject_type="rounds.round", subject_id=str(late.pk), verb="move_round")
    assert [event.actor for event in events] == [None, None, None]
    letters = Letter.objects.filter(once__contains=f" {late.pk} ", person=the_manager(late.host))
    assert {letter.kind for letter in letters} >= {"round-giving", "round-closed"}
    assert advance_round(late.pk) is None


def test_a_round_without_selection_takes_applications_until_giving_begins(database: None) -> None:
    made = a_round(
        state=State.APPLICATIONS,
        **in_days(applications_open_at=-9, applications_close_at=-8, giving_opens_at=2, giving_closes_at=9),
    )
    assert advance_round(made.pk) is None
    made.refresh_from_db()
    assert made.state == State.APPLICATIONS


def test_what_is_not_due_stays(database: None) -> None:
    stay = [a_round(state=state) for state in (State.DRAFT, State.APPLICATIONS, State.GIVING, State.FINAL)]
    moved = {one.pk for one in advance_rounds()}
    assert not moved & {one.pk for one in stay}


def test_gifts_are_taken_from_the_first_moment_to_just_before_the_last(database: None) -> None:
    made = a_round(state=State.GIVING)
    opens, closes = made.giving_opens_at, made.giving_closes_at
    assert opens is not None
    assert closes is not None
    tick = timedelta(microseconds=1)
    assert [is_open_for_gifts(made, at) for at in (opens - tick, opens, closes - tick, closes)] == [
        False,
        True,
        True,
        False,
    ]
    assert not is_open_for_gifts(a_round(state=State.CLOSED), opens)


NIGHTS = {
    # giving ends at 03:00 of the winter's time, after an hour that came twice
    "back": ("2030-10-01T08:00", "2030-10-27T03:00", datetime(2030, 10, 27, 2, tzinfo=UTC)),
    # giving ends at 03:00 of the summer's time, after an hour that never came
    "forward": ("2030-03-01T08:00", "2030-03-31T03:00", datetime(2030, 3, 31, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_giving_ends_once_in_a_night_of_clock_change(database: None, night: str) -> None:
    opens, closes, end = NIGHTS[night]
    made = a_round(
        state=State.GIVING,
        **in_days(applications_open_at=-9, applications_close_at=-8),
        giving_opens_at=instant_at(datetime.fromisoformat(opens)),
        giving_closes_at=instant_at(datetime.fromisoformat(closes)),
    )
    made.refresh_from_db()
    assert made.giving_closes_at == end
    tick, hour = timedelta(microseconds=1), timedelta(hours=1)
    moments = [end - hour - tick, end - hour, end - tick, end, end + hour]
    assert [is_open_for_gifts(made, at) for at in moments] == [True, True, True, False, False]
    assert [next_by_clock(made, at) for at in moments] == [None, None, None, State.CLOSED, State.CLOSED]


@pytest.mark.parametrize("night", NIGHTS)
def test_giving_begins_once_in_a_night_of_clock_change(database: None, night: str) -> None:
    _, opens, begin = NIGHTS[night]
    made = a_round(
        state=State.APPLICATIONS,
        **in_days(applications_open_at=-9, applications_close_at=-8),
        giving_opens_at=instant_at(datetime.fromisoformat(opens)),
        giving_closes_at=begin + timedelta(days=1),
    )
    tick, hour = timedelta(microseconds=1), timedelta(hours=1)
    moments = [begin - hour, begin - tick, begin, begin + hour]
    assert [next_by_clock(made, at) for at in moments] == [None, None, State.GIVING, State.GIVING]
    made.state = State.GIVING
    assert [is_open_for_gifts(made, at) for at in moments] == [False, False, True, True]


@pytest.mark.parametrize(
    "local", ["0001-01-01T00:00", "1999-12-31T23:59", "2101-01-01T00:00", "9999-12-31T23:59"]
)
def test_a_time_at_the_end_of_all_calendars_is_no_accident(local: str) -> None:
    with pytest.raises(NoSuchTime, match="year"):
        instant_at(datetime.fromisoformat(local))


def test_a_signed_draft_whose_time_has_passed_does_not_open(database: None) -> None:
    made = a_signed_draft(**in_days(applications_open_at=-1, applications_close_at=0.00003))
    closes = made.applications_close_at
    assert closes is not None
    while present_time() < closes:
        pass
    with pytest.raises(Refusals, match="applications close has passed"):
        open_round(person=the_manager(made.host), round=made)


def test_a_calendar_may_be_incomplete_while_it_is_a_draft(database: None) -> None:
    made = a_round(state=State.DRAFT)
    edited = edit_round_calendar(
        person=the_manager(made.host), round_id=made.pk, seen=None, calendar=Calendar(), has_selection=False
    )
    assert edited.giving_closes_at is None
    with pytest.raises(DatabaseError, match="rounds_open_is_complete"), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(state=State.APPLICATIONS)


def test_the_table_of_states_is_held_by_postgresql(database: None) -> None:
    made = a_round(state=State.GIVING)
    with pytest.raises(NotNow), transaction.atomic():
        move(round=Round.locked(made.pk, seen=None), state=State.APPLICATIONS)
    with pytest.raises(DatabaseError, match="cannot go"), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(state=State.FINAL)
    with pytest.raises(DatabaseError, match="cannot begin"), transaction.atomic():
        Round.objects.create(host=made.host, name="x", slug="never", state=State.CANCELLED)


FROZEN = {
    "name": "Other",
    "slug": "other",
    "territory": ["75056"],
    "has_selection": True,
    "applications_open_at": datetime(2020, 1, 1, tzinfo=UTC),
    "applications_close_at": datetime(2020, 1, 2, tzinfo=UTC),
    "giving_opens_at": datetime(2020, 1, 3, tzinfo=UTC),
    "giving_closes_at": datetime(2099, 1, 1, tzinfo=UTC),
    "objection_days": 1,
    "written_rules": {},
    "smallest_gift": 101,
    "largest_gift": 99_999,
}


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: object) -> Round:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        return a_round(state=State.GIVING)


@pytest.mark.parametrize("column", FROZEN)
def test_what_was_signed_is_frozen_by_postgresql(database: None, opened: Round, column: str) -> None:
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(**{column: FROZEN[column]})


def test_the_register_and_the_challenges_are_frozen_too(database: None, opened: Round) -> None:
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(register=a_register())
    for attack in (
        lambda: Challenge.objects.create(round=opened, key="new", name="New"),
        lambda: opened.challenges.update(question="Else?"),
        lambda: opened.challenges.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            attack()


def test_the_job_of_the_clock_runs_each_minute(database: None) -> None:
    jobs = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert jobs["advance_rounds"] == "* * * * *"
    late = a_round(
        state=State.GIVING,
        **in_days(applications_open_at=-9, applications_close_at=-8, giving_opens_at=-7, giving_closes_at=-1),
    )
    advance(timestamp=0)
    late.refresh_from_db()
    assert late.state == State.CLOSED
