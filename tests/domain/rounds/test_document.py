"""The tables of docs/design/round.md are what the program does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from abonde.funds.queries import accounts_of
from abonde.rounds.calendar import NoSuchTime, instant_at
from abonde.rounds.readiness import next_steps
from abonde.rounds.states import TRANSITIONS, State
from abonde.web.rounds.showing import STATES, STEPS
from tests.factories import a_round

DOCUMENT = Path(__file__).parents[3] / "docs/design/round.md"


def table(name: str) -> list[list[str]]:
    found = re.search(rf"<!-- table: {name} -->\n((?:\|.*\n)+)", DOCUMENT.read_text())
    assert found is not None, name
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in found[1].splitlines()[2:]]


def test_the_states_are_those_of_the_table() -> None:
    written = {(before, after) for before, after, _when, _who in table("states")}
    assert written == {(str(before), str(after)) for before, of in TRANSITIONS.items() for after in of}


def test_every_state_has_its_word() -> None:
    assert set(STATES) == set(State)


def test_the_steps_are_those_of_the_table(database: None) -> None:
    keys = [key for key, _needed in table("steps")]
    assert keys == [step.key for step in next_steps(a_round(state=State.DRAFT))] == list(STEPS)


@pytest.mark.parametrize(("written", "instant"), table("clock-changes"))
def test_the_clock_changes_are_those_of_the_table(written: str, instant: str) -> None:
    local = datetime.fromisoformat(written)
    if instant[0].isdigit():
        assert instant_at(local) == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    else:
        with pytest.raises(NoSuchTime, match=instant):
            instant_at(local)


def test_a_new_fund_has_the_accounts_of_the_table(database: None) -> None:
    opened = accounts_of(a_round(state=State.DRAFT))
    assert [
        [key, str(account.kind)] for key, account in opened.items() if not key.startswith("pot:")
    ] == table("accounts")


def test_every_guarantee_that_the_page_names_exists() -> None:
    sources = "".join(path.read_text() for path in DOCUMENT.parents[2].glob("src/abonde/*/**/*.py"))
    named = set(re.findall(r"`((?:rounds|funds)_[a-z_]+)`", DOCUMENT.read_text()))
    made_by_name = {name for name in named if name.endswith(("_append_only", "_states"))}
    assert len(named) > 10
    for name in named - made_by_name:
        assert name in sources, name
    for name in made_by_name:
        table_name = re.sub(r"_(append_only|states)$", "", name)
        assert f'append_only("{table_name}")' in sources or f'only_transitions("{table_name}"' in sources, (
            name
        )
