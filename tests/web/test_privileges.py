"""Every address × role × tenant: privileges.csv says what each is answered, and an address without a row fails.

A row is `method,name,workspace` and one answer per role: a status, or `login` for the log-in page. `python -m tests.web.test_privileges`
is no command: to change a row, look at what is answered (this test prints it) and decide whether it is right.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.web.privileges import Rows, a_world, asked

TABLE = Path(__file__).with_name("privileges.csv")

pytestmark = pytest.mark.usefixtures("database")


def written() -> Rows:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (row.pop("method"), row.pop("name"), row.pop("workspace")): row for row in csv.DictReader(file)
        }


def line(key: tuple[str, str, str], answers: dict[str, str]) -> str:
    return ",".join([*key, *answers.values()])


def test_everyone_is_answered_as_the_table_says() -> None:
    table, found = written(), asked(a_world())
    differing = [
        f"{line(key, answers)}\n  the table: {line(key, table[key]) if key in table else 'has no such row'}"
        for key, answers in found.items()
        if table.get(key) != answers
    ]
    gone = [line(key, answers) for key, answers in table.items() if key not in found]
    assert not differing, "\n".join(differing)
    assert not gone, "no longer an address:\n" + "\n".join(gone)


def test_nobody_is_answered_with_an_error_of_ours() -> None:
    broken = [line(key, answers) for key, answers in written().items() if "500" in answers.values()]
    assert not broken


def test_no_stranger_enters_a_workspace() -> None:
    outside = {"anonymous", "stranger", "giver", "holder", "other host manager"}
    entered = [
        line(key, answers)
        for key, answers in written().items()
        if key[2] and {answers[who] for who in outside} - {"login", "404", "405"}
    ]
    assert not entered
