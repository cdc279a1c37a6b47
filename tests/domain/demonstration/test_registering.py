"""The demonstration's certified register is alive: a round uses it, people are in it, and an update waits."""

from __future__ import annotations

import pytest

from abonde.register.identity import read_pivot
from abonde.register.importing_showing import bad_rows
from abonde.register.models import Import, Register, Strategy
from abonde.register.search import find_entries
from abonde.register.states import State
from abonde.rounds.models import Round

pytestmark = [pytest.mark.usefixtures("database", "cast"), pytest.mark.xdist_group("demonstration")]


def the_register() -> Register:
    return Register.objects.get(owner__slug="pays-des-vallons", strategy=Strategy.CERTIFIED)


def test_a_round_uses_the_certified_register() -> None:
    assert [round_.slug for round_ in Round.objects.filter(register=the_register())] == ["eau-et-rivieres"]


def test_well_known_people_are_found_at_the_counter() -> None:
    assert len(find_entries(the_register(), read_pivot("Orsini", "Paul", "14/07/1988"))) == 1


def test_an_update_waits_with_something_of_each_kind() -> None:
    first, second = Import.objects.filter(register=the_register()).order_by("pk")
    assert (first.state, second.state) == (State.DONE, State.COMPARED)
    assert all(second.counts[kind] for kind in ("new", "unchanged", "gone", "bad"))
    assert next(bad_rows(second))[2]
