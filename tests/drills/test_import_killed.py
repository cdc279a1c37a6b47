"""kill -9 while a register's file is read or its register written: reading goes on where it stood, writing is all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from abonde.register.importing import confirm_import, name_columns
from abonde.register.importing_layout import Layout
from abonde.register.models import Import, Register, Strategy
from abonde.register.states import State
from tests.domain.register.test_importing import TITLES, brought, confirmed
from tests.drills.importing import BATCH, found
from tests.drills.killed import attempts
from tests.drills.serving import PATIENCE, kill, locked, patiently, served, time_passes
from tests.factories import a_register, the_manager

pytestmark = pytest.mark.usefixtures("database")

ROOM = "tests.drills.importing"
PEOPLE = 10
FIRST = TITLES + "".join(f"Petit;Léa;{day}/2/1980;;1\n" for day in range(1, PEOPLE + 1))
SECOND = TITLES + "".join(f"Petit;Léa;{day}/2/1980;26113;2\n" for day in range(3, PEOPLE + 3))
CHANGES = {"new": 2, "unchanged": 0, "changed": 8, "returned": 0, "bad": 0, "gone": 2, "gone_with_voice": 0}


@pytest.fixture
def register() -> Register:
    """With the people of a first file."""
    made = a_register(strategy=Strategy.CERTIFIED)
    confirmed(brought(made, FIRST))
    return made


def read_again(underway: Import) -> None:
    """Name the columns anew: all of the file is to be read."""
    name_columns(
        person=the_manager(underway.register.owner),
        import_id=underway.pk,
        layout=Layout.from_json(underway.layout),
    )


def test_reading_goes_on_where_it_was_killed(register: Register) -> None:
    underway = brought(register, SECOND)
    read_again(underway)
    *dead, lived = attempts(ROOM, "read", underway.pk)
    assert len(dead) > 12
    assert {attempt["state"] for attempt in dead} <= {State.READING, State.COMPARED}
    read = [attempt["rows"] for attempt in dead]
    assert read == sorted(read)
    assert {0, BATCH, PEOPLE} <= set(read)
    for attempt in dead:
        assert attempt["rows_read"] == (attempt["rows"] + 1 if attempt["rows"] else 0), (
            "no row twice, none lost"
        )
    assert (lived["state"], lived["rows"], lived["counts"]) == (State.COMPARED, PEOPLE, CHANGES)
    assert (lived["present"], lived["gone"]) == (PEOPLE, 0)


def test_a_killed_writing_leaves_the_register_as_it_was_until_it_is_written(register: Register) -> None:
    underway = brought(register, SECOND)
    confirm_import(person=the_manager(register.owner), import_id=underway.pk)
    before = found(str(underway.pk))
    *dead, lived = attempts(ROOM, "write", underway.pk)
    assert len(dead) > 12
    for attempt in dead:
        assert attempt == before
    assert (lived["state"], lived["counts"], lived["rows"]) == (State.DONE, CHANGES, 0)
    assert (lived["present"], lived["gone"]) == (PEOPLE, 2)


@pytest.mark.parametrize("state", [State.READING, State.APPLYING])
def test_an_import_whose_worker_is_killed_is_finished_by_the_next_one(
    register: Register, tmp_path: Path, state: State
) -> None:
    agent = the_manager(register.owner)
    underway = brought(register, SECOND)
    with served(tmp_path) as platform:
        with locked("LOCK TABLE register_entry IN SHARE MODE") as somebody_waits:
            if state == State.READING:
                read_again(underway)
            else:
                confirm_import(person=agent, import_id=underway.pk)
            somebody_waits()
            kill(platform.job_worker())
        assert platform.serving is not None
        platform.serving.wait(PATIENCE)
        stopped = found(str(underway.pk))
        assert (stopped["state"], stopped["present"], stopped["gone"]) == (state, PEOPLE, 0)
        time_passes()
        platform.start()
        if state == State.READING:
            patiently(lambda: Import.objects.filter(pk=underway.pk, state=State.COMPARED), "the comparison")
            confirm_import(person=agent, import_id=underway.pk)
        patiently(lambda: Import.objects.filter(pk=underway.pk, state=State.DONE), "the register")
    done = found(str(underway.pk))
    assert (done["counts"], done["present"], done["gone"]) == (CHANGES, PEOPLE, 2)
