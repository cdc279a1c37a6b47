"""From what stands in the database to a result: read once, hash, count, share out, explain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abonde import matching
from abonde.engines.rows import CountedRows, GiftRows, count_rows, tally_rows
from abonde.engines.threads import CORES
from abonde.funds.queries import pots_of
from abonde.matching import Allocation, Explanation, Pot, Rules, allocate, explain, in_serving_order, reaching
from abonde.projects.models import Project
from abonde.projects.queries import matching_projects
from abonde.rounds.models import Round
from abonde.settlement.reading import read_gifts


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Everything that enters a computation: rules, pots, projects and settled gifts."""

    round: str
    rules: Rules
    pots: Sequence[Pot]
    projects: Sequence[matching.Project]
    rows: Mapping[str, Project]
    gifts: GiftRows
    persons: NDArray[np.uint64]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the whole: the same inputs give the same one, in whatever order the database gave them."""
        written = {
            "round": self.round,
            "rules": self.rules.to_mapping(),
            "pots": [written_pot(pot) for pot in self.pots],
            "projects": [
                [project.key, project.challenge, project.place, project.need] for project in self.projects
            ],
            "gifts": self._gifts_hash(),
        }
        return sha256(canonical(written).encode()).hexdigest()

    def _gifts_hash(self) -> str:
        hashed = sha256(self.persons.astype("<u8").tobytes())
        for column in (self.gifts.person, self.gifts.project, self.gifts.cents, self.gifts.eligible):
            hashed.update(column.astype("<i8").tobytes())
        return hashed.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a computation found."""

    inputs: Inputs
    allocation: Allocation
    counted: CountedRows

    @property
    def voices(self) -> int:
        """The persons of whom something counts."""
        return len(self.counted.persons)

    def reached(self) -> dict[str, int]:
        """By funder, the persons who count on the projects that its money went to."""
        projects: dict[str, set[str]] = {funder: set() for pot in self.inputs.pots for funder in pot.funders}
        for part in self.allocation.pots:
            added = {key for key, cents in zip(part.projects, part.shared.cents, strict=True) if cents}
            for funder, cents in part.pot.funders.items():
                projects[funder] |= added if cents else set()
        return {funder: self.counted.supporters(keys) for funder, keys in sorted(projects.items())}


def read_inputs(round: Round) -> Inputs:  # noqa: A002  (the word of the domain)
    """What the round's computation starts from, as it stands now."""
    projects = matching_projects(round)
    rows = {
        row.key: row for row in Project.objects.filter(round=round, slug__in=[one.key for one in projects])
    }
    gifts, persons = read_gifts([rows[project.key] for project in projects])
    return Inputs(
        round=round.slug,
        rules=round.rules,
        pots=in_serving_order(pots_of(round)),
        projects=projects,
        rows=rows,
        gifts=gifts,
        persons=persons,
    )


def compute(inputs: Inputs, *, threads: int = CORES) -> Result:
    """Count and share out. Raises Refusal for inputs that make no round."""
    rules = inputs.rules
    counted = count_rows(inputs.gifts, rules.counting)
    tally = tally_rows(counted, rules, threads=threads)
    allocation = allocate(
        projects=inputs.projects, tally=tally, pots=reaching(inputs.pots, inputs.projects), rules=rules
    )
    return Result(inputs=inputs, allocation=allocation, counted=counted)


def written_pot(pot: Pot) -> dict[str, Any]:
    """A pot as the mechanism took it (cents)."""
    return {
        "key": pot.key,
        "challenge": pot.earmark.challenge,
        "place": pot.earmark.place,
        "funders": dict(sorted(pot.funders.items())),
    }


def explanation(allocation: Allocation, project: str) -> dict[str, Any]:
    """Why a project gets what it gets, as JSON: cents, and exact fractions such as "1/3" where they are no whole cents."""
    tally = allocation.tally[project]
    steps = explain(allocation, project)
    return {
        "received": tally.received,
        "persons": tally.persons,
        "counted": tally.counted,
        "raw": str(Fraction(steps[0].raw if steps else 0, matching.UNIT)),
        "pots": [_step(allocation, step) for step in steps],
    }


def _step(allocation: Allocation, step: Explanation) -> dict[str, Any]:
    part = next(part for part in allocation.pots if part.pot.key == step.pot)
    return {
        "pot": step.pot,
        "amount": part.pot.amount,
        "everyone": str(Fraction(sum(part.raw), matching.UNIT)),
        "before_limits": str(step.before_limits),
        "ceiling": step.ceiling,
        "bound_by": step.bound_by,
        "cut": str(step.cut),
        "redistributed": str(step.redistributed),
        "rounding": str(step.rounding),
        "result": step.result,
    }


def canonical(value: object) -> str:
    """JSON in the one form that is hashed and signed: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
