"""The example of docs/design/settlement.md, read from the page and lived through."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from abonde import matching
from abonde.matching import PRESETS, Cents, Gift, cents_of_euros
from abonde.settlement.actions import compute_result
from abonde.settlement.queries import differences, statements_of
from tests.domain.settlement.world import Plan, World, build

SPECIFICATION = Path(__file__).parents[3] / "docs/design/settlement.md"


def table(name: str) -> list[list[str]]:
    """The rows of an example, without its header."""
    (found,) = re.findall(
        rf"<!-- example: {name} -->\n((?:\|.*\n)+)", SPECIFICATION.read_text(encoding="utf-8")
    )
    _header, _line, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines()
    ]
    return rows


def test_the_worked_example_holds(database: None) -> None:
    gifts = [
        Gift(person, project, cents_of_euros(euros), voice == "yes")
        for person, project, euros, voice in table("gifts")
    ]
    projects = [
        matching.Project(key=key, need=Cents(1_000_000)) for key in sorted({gift.project for gift in gifts})
    ]
    pot = matching.Pot(key="commun", funders={"baker": Cents(2_000), "mutual": Cents(4_000)})
    world = build(Plan(gifts, projects, [pot], PRESETS["plain"]))
    for number in ("1", "2"):
        if number == "2":
            world.take_back("Cleo", "seeds")
        compute_result(round=world.round, reason="Exemple", person=world.manager)
        _check(world, [row for row in table("results") if row[0] == number])
    changed = {
        one.project.slug: (one.matching, one.is_own)
        for one in differences(world.round.computations.get(number=2))
    }
    assert changed == {
        project: (_signed(euros), why == "its own support") for project, euros, why in table("differences")
    }


def _check(world: World, rows: list[list[str]]) -> None:
    computation = world.round.computations.get(number=int(rows[0][0]))
    lines = {line.project.slug: line for line in computation.lines.select_related("project")}
    assert set(lines) == {row[1] for row in rows}
    spent = {slug: _spent(world, slug) for slug in world.funders}
    for _number, project, people, given, counted, added, mutual, baker in rows:
        line, euros = lines[project], _euros
        assert (line.persons, line.received, line.counted, line.matching) == (
            int(people),
            euros(given),
            euros(counted),
            euros(added),
        )
        for slug, part in spent.items():
            assert part(project) == euros(mutual if slug.startswith("mutual") else baker)


def _spent(world: World, slug: str) -> Callable[[str], int]:
    statement = statements_of(world.funders[slug], world.round)
    assert statement is not None
    by_project = {project.slug: cents for project, cents in statement.projects}
    return lambda project: by_project.get(project, 0)


def _euros(written: str) -> int:
    return cents_of_euros(written)


def _signed(written: str) -> int:
    return -cents_of_euros(written[1:]) if written.startswith("-") else cents_of_euros(written)
