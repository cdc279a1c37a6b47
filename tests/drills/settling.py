"""The deeds on a round's result that the drills kill at every statement, and what stands afterwards."""

from __future__ import annotations

from typing import Any

from abonde.core.models import Event
from abonde.ledger.models import Transaction
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.settlement.actions import compute_result
from abonde.settlement.actions import finalise as finalise_result
from abonde.settlement.models import Computation, PotLine, ResultLine


def compute(round_id: str) -> None:
    compute_result(round=_round(round_id), reason="Premier calcul", person=_agent(round_id))


def finalise(round_id: str) -> None:
    finalise_result(person=_agent(round_id), round=_round(round_id))


def found(round_id: str) -> dict[str, Any]:
    round_ = _round(round_id)
    return {
        "state": round_.state,
        "computations": Computation.objects.filter(round=round_).count(),
        "lines": ResultLine.objects.filter(computation__round=round_).count(),
        "pot_lines": PotLine.objects.filter(computation__round=round_).count(),
        "events": Event.objects.filter(
            subject_type="rounds.round", subject_id=round_id, verb__in=["publish_result", "finalise"]
        ).count(),
        "movements": Transaction.objects.filter(book__fund__round=round_, kind="matching").count(),
    }


def _round(round_id: str) -> Round:
    return Round.objects.select_related("host").get(pk=round_id)


def _agent(round_id: str) -> Person:
    return Person.objects.get(memberships__organisation=_round(round_id).host)
