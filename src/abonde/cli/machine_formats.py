"""The result as CSV and JSON for other programs: keys that stay, cents as whole numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Any

from abonde.cli.comparing import Comparison
from abonde.cli.explaining import marginal_effects
from abonde.matching import UNIT, Allocation, Rules, Statement, explain, funder_statements


def rules_hash(rules: Rules) -> str:
    """SHA-256 of the published rules as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(rules.to_mapping(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def as_json(comparison: Comparison, *, explained: Sequence[str] = (), statements: bool = False) -> str:
    """The whole result; each mechanism with its rules, their hash, its pots and its projects.

    Explanations and statements, where they are asked for, are those of the first mechanism.
    """
    result: dict[str, Any] = {
        "format": "abonde-allocation-1",
        "gifts": comparison.box.name,
        "engine": comparison.engine,
        "received_cents": comparison.received,
        "fund_cents": comparison.fund,
        "allocations": [_allocation(comparison, place) for place in range(len(comparison.allocations))],
    }
    if comparison.official is not None:
        result["official"] = sorted(comparison.official)
    if explained:
        result["explanations"] = [_explanation(comparison, key) for key in explained]
    if statements:
        parts = comparison.main.pots
        result["statements"] = [_statement(each) for part in parts for each in funder_statements(part)]
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def as_csv(comparison: Comparison) -> str:
    """One line per project, in the order of the table; for each mechanism what is added, and what limited it."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    mechanisms = [allocation.rules.mechanism for allocation in comparison.allocations]
    header = ["project", "name", "received_cents", "persons", "counted_cents"]
    header += [f"{mechanism}_{what}" for mechanism in mechanisms for what in ("added_cents", "limits")]
    table.writerow(header + ([] if comparison.official is None else ["official"]))
    for key in comparison.ranking:
        counted = comparison.main.tally[key]
        row = [key, comparison.projects[key].name, counted.received, counted.persons, counted.counted]
        for allocation, limits in zip(comparison.allocations, comparison.limits, strict=True):
            row += [allocation.matching[key], " ".join(limits[key])]
        if comparison.official is not None:
            row.append(int(key in comparison.official))
        table.writerow(row)
    return written.getvalue()


def _allocation(comparison: Comparison, place: int) -> dict[str, Any]:
    allocation = comparison.allocations[place]
    return {
        "mechanism": allocation.rules.mechanism,
        "rules": allocation.rules.to_mapping(),
        "rules_sha256": rules_hash(allocation.rules),
        "added_cents": sum(allocation.matching.values()),
        "unspent_cents": allocation.unspent,
        "pots": _pots(allocation),
        "projects": [
            {
                "project": key,
                "name": comparison.projects[key].name,
                "received_cents": allocation.tally[key].received,
                "persons": allocation.tally[key].persons,
                "counted_cents": allocation.tally[key].counted,
                "added_cents": allocation.matching[key],
                "limits": comparison.limits[place][key],
            }
            for key in comparison.ranking
        ],
    }


def _pots(allocation: Allocation) -> list[dict[str, Any]]:
    return [
        {
            "pot": part.pot.key,
            "challenge": part.pot.earmark.challenge,
            "place": part.pot.earmark.place,
            "funders": dict(sorted(part.pot.funders.items())),
            "unspent_cents": part.unspent,
            "added_cents": {
                key: cents for key, cents in zip(part.projects, part.shared.cents, strict=True) if cents
            },
        }
        for part in allocation.pots
    ]


def _explanation(comparison: Comparison, project: str) -> dict[str, Any]:
    """Each step for each pot; what is not a whole number of cents is an exact fraction, such as "1/3"."""
    return {
        "project": project,
        "pots": [
            {
                "pot": step.pot,
                "raw_support": str(Fraction(step.raw, UNIT)),
                "before_limits_cents": str(step.before_limits),
                "ceiling_cents": step.ceiling,
                "bound_by": step.bound_by,
                "cut_cents": str(step.cut),
                "redistributed_cents": str(step.redistributed),
                "rounding_cents": str(step.rounding),
                "added_cents": step.result,
            }
            for step in explain(comparison.main, project)
        ],
        "one_more_person": [
            {
                "gift_cents": effect.gift,
                "here_cents": effect.here,
                "elsewhere_cents": dict(effect.elsewhere),
                "unspent_cents": effect.unspent,
            }
            for effect in marginal_effects(comparison, project)
        ],
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "funder": statement.funder,
        "pot": statement.pot,
        "given_cents": statement.given,
        "spent_cents": dict(statement.spent),
        "returned_cents": statement.returned,
    }
