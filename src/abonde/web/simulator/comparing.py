"""Outcomes side by side: a drawing of each to one scale, which limits held whom back, and a table of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from abonde.matching import Cents, Mechanism, Rules
from abonde.web.settlement.words import limit_words
from abonde.web.simulator.chart import longest_of, outcome_svg
from abonde.web.simulator.forms import NAMES
from abonde.web.simulator.outcome import Line, Outcome

SHORT: Final = {
    Mechanism.QUADRATIC: _("quadratic"),
    Mechanism.PAIRWISE: _("pairwise"),
    Mechanism.CLUSTER: _("cluster"),
    Mechanism.HEADS: _("heads"),
    Mechanism.PROPORTIONAL: _("proportional"),
}


def compared(found: Sequence[Outcome], *, fund: Cents, rules: Rules) -> dict[str, Any]:
    """What `simulator/panels.html` needs; `fund` in cents, and the rules whose limits are named."""
    longest = longest_of(found)
    counted = [outcome for outcome in found if outcome.refusal is None]
    return {
        "fund": fund,
        "panels": [
            {
                "name": NAMES[outcome.mechanism],
                # Rules that hold under one mechanism fail under another for one reason alone, told there without the words of files.
                "is_refused": outcome.refusal is not None,
                "picture": outcome_svg(outcome, longest),
                "unspent": outcome.unspent,
                "held": _held(outcome, rules),
            }
            for outcome in found
        ],
        "mechanisms": [SHORT[outcome.mechanism] for outcome in counted],
        "table": [
            (lines[0], [line.added for line in lines])
            for lines in zip(*(outcome.lines for outcome in counted), strict=True)
        ],
        "unspent": [outcome.unspent for outcome in counted],
    }


def _held(outcome: Outcome, rules: Rules) -> list[tuple[str, list[tuple[Line, int]]]]:
    """Each limit that held projects back, in words, with its projects and what they would have got without (cents)."""
    held: dict[str, list[tuple[Line, int]]] = {}
    for line in outcome.lines:
        if line.bound_by is not None:
            found = held.setdefault(limit_words(line.bound_by, rules), [])
            found.append((line, max(round(line.before_limits), line.added)))
    return list(held.items())
