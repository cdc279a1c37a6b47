"""All that the page of the results shows."""

from __future__ import annotations

from typing import Any

from abonde.matching import Limit, Rules, read_rules
from abonde.rounds.models import Round
from abonde.settlement.models import Computation, ResultLine
from abonde.settlement.queries import lines_of, objections_of, results_text_of, shared_pots
from abonde.settlement.results_text import limits_of
from abonde.web.settlement.chart import DRAWN, ORDERS, drawn_pots, in_order, ranked
from abonde.web.settlement.showing import may_object, pot_names, signers, state_words, totals
from abonde.web.settlement.way import change_by, way
from abonde.web.settlement.words import limit_words


def overview(round: Round, computations: list[Computation], order: str) -> dict[str, Any]:  # noqa: A002
    """The computation that holds and those before it (the newest first), in the order that the visitor asked for."""
    computation = computations[0]
    order = order if order in ORDERS else next(iter(ORDERS))
    lines, rules = lines_of(computation), read_rules(computation.rules)
    text = results_text_of(computation)
    signed_by = signers(round, text)
    ordered = in_order([line for line in lines if line.received or line.matching], order)
    return {
        "computation": computation,
        "computations": computations,
        "fund": computation.matching + computation.left,
        "together": computation.received + computation.matching,
        "supported": len(ordered),
        "ranked": ranked(ordered[:DRAWN], rules),
        "without": len(lines) - len(ordered),
        "hidden": max(len(ordered) - DRAWN, 0),
        "orders": [(key, words, key == order) for key, (words, _measure) in ORDERS.items()],
        "rows": _rows(in_order(lines, order), rules),
        "totals": totals(lines),
        "pots": drawn_pots(shared_pots(computation), pot_names(round)),
        "signers": signed_by,
        "text": text,
        "state": state_words(round),
        "way": way(round, computation, signed_by),
        "change": change_by(computation),
        "may_object": may_object(round),
        "objections": objections_of(round).count(),
    }


def _rows(lines: list[ResultLine], rules: Rules) -> list[tuple[ResultLine, int, str]]:
    """The table: each line, what it makes in all (cents), and the limits that held it."""
    words: dict[str, str] = {limit: limit_words(limit, rules) for limit in Limit}
    return [
        (line, line.received + line.matching, ", ".join(words[one] for one in limits_of(line.explanation)))
        for line in lines
    ]
