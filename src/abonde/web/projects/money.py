"""What the pages of a project say about its money."""

from __future__ import annotations

from typing import Final, cast

from abonde.core.clock import present_time
from abonde.giving.models import ProjectTotal
from abonde.giving.queries import estimate_of
from abonde.matching import Cents
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.queries import is_open_for_gifts
from abonde.rounds.states import State as RoundState
from abonde.settlement.queries import explanation_of

SUGGESTED: Final = (Cents(500), Cents(1000), Cents(2000), Cents(5000))
"""Gifts that a page proposes, where the round allows them."""
ESTIMATED: Final = frozenset({RoundState.GIVING, RoundState.CLOSED})


def money_of(shown: Project) -> dict[str, object]:
    """What the project received, what the fund adds or would add (cents), and whether one can give now."""
    found = shown.round
    estimate = estimate_of(found) if found.state in ESTIMATED and shown.state == State.SELECTED else None
    total = ProjectTotal.objects.filter(project=shown).first()
    money: dict[str, object] = {
        "received": total.received if total else 0,
        "givers": total.givers if total else 0,
        "open": shown.state == State.SELECTED and is_open_for_gifts(found, present_time()),
        "added": 0,
        "result": None,
        "estimated": False,
        "estimate": estimate,
    }
    if shown.state != State.SELECTED:
        return money
    if estimate is not None:
        money |= {"added": estimate.added(shown.key), "estimated": True}
    elif (result := explanation_of(shown)) is not None:
        money |= {"added": result.matching, "received": result.received, "result": result}
    if shown.need_ideal:
        money["reached"] = cast(int, money["received"]) + cast(int, money["added"]) >= shown.need_ideal
    money["suggested"] = [one for one in SUGGESTED if found.smallest_gift <= one <= found.largest_gift]
    return money
