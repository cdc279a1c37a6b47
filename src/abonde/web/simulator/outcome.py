"""The fund of an invented round, shared out under several mechanisms by the engine that shares out real ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from abonde.matching import (
    Allocation,
    Cents,
    Limit,
    Mechanism,
    Pot,
    Project,
    Refusal,
    Rules,
    allocate,
    euros_of_cents,
    explain,
    tally_gifts,
)
from abonde.web.simulator.world import World

HEADINGS: Final = ("mechanism", "project", "people", "received", "counted", "added", "bound_by")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins like this would be run by a spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What becomes of a project (cents): `before_limits` is what the formula alone would have given."""

    project: str
    people: int
    received: Cents
    counted: Cents
    added: Cents
    before_limits: Fraction
    bound_by: Limit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A mechanism and what it makes of the round, or why these rules do not allow it."""

    mechanism: Mechanism
    lines: Sequence[Line] = ()
    unspent: int = 0
    refusal: Refusal | None = None


def outcomes(world: World, rules: Rules, fund: Cents, mechanisms: Sequence[Mechanism]) -> list[Outcome]:
    """The same gifts and limits under each mechanism; `fund` in cents."""
    return [_outcome(world, rules, fund, mechanism) for mechanism in mechanisms]


def as_csv(found: Sequence[Outcome]) -> str:
    """All outcomes as a table; amounts in euros."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(HEADINGS)
    for outcome in found:
        table.writerows(_cells(outcome))
    return written.getvalue()


def _cells(outcome: Outcome) -> Iterator[list[str]]:
    for line in outcome.lines:
        cells = [
            str(outcome.mechanism),
            line.project,
            str(line.people),
            euros_of_cents(line.received),
            euros_of_cents(line.counted),
            euros_of_cents(line.added),
            str(line.bound_by or ""),
        ]
        yield [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]


def _outcome(world: World, rules: Rules, fund: Cents, mechanism: Mechanism) -> Outcome:
    try:
        own = rules.with_mechanism(mechanism)
    except Refusal as refusal:
        return Outcome(mechanism=mechanism, refusal=refusal)
    allocation = allocate(
        projects=[Project(key=name) for name in world.projects],
        tally=tally_gifts(world.gifts, own),
        pots=[Pot(key="fund", funders={"fund": fund})],
        rules=own,
    )
    lines = [_line(allocation, project) for project in world.projects]
    return Outcome(mechanism=mechanism, lines=lines, unspent=allocation.unspent)


def _line(allocation: Allocation, project: str) -> Line:
    (step,) = explain(allocation, project)
    return Line(
        project=project,
        people=step.tally.persons,
        received=step.tally.received,
        counted=step.tally.counted,
        added=step.result,
        before_limits=step.before_limits,
        bound_by=step.bound_by,
    )
