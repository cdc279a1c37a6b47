"""Writing a result down: the computation, a line per project, a line per pot and project."""

from __future__ import annotations

from abonde.funds.models import Pot
from abonde.rounds.models import Round
from abonde.settlement.computing import Result, explanation, written_pot
from abonde.settlement.models import Computation, PotLine, ResultLine


def store(result: Result, round: Round, *, number: int, reason: str, left_out: int) -> Computation:  # noqa: A002
    """Write everything within the caller's transaction."""
    inputs, allocation = result.inputs, result.allocation
    added = allocation.matching
    computation = Computation.objects.create(
        round=round,
        number=number,
        reason=reason,
        rules=inputs.rules.to_mapping(),
        pots=[written_pot(pot) for pot in inputs.pots],
        fingerprint=inputs.fingerprint,
        received=sum(tally.received for tally in allocation.tally.values()),
        matching=sum(added.values()),
        left=sum(pot.amount for pot in inputs.pots) - sum(added.values()),
        voices=result.voices,
        reached=result.reached(),
        left_out=left_out,
    )
    ResultLine.objects.bulk_create(
        ResultLine(
            computation=computation,
            project=inputs.rows[key],
            received=tally.received,
            persons=tally.persons,
            counted=tally.counted,
            matching=added[key],
            explanation=explanation(allocation, key),
        )
        for key, tally in allocation.tally.items()
    )
    pots = {pot.key: pot for pot in Pot.objects.filter(fund__round=round)}
    PotLine.objects.bulk_create(
        PotLine(computation=computation, pot=pots[part.pot.key], project=inputs.rows[key], cents=cents)
        for part in allocation.pots
        for key, cents in zip(part.projects, part.shared.cents, strict=True)
        if cents
    )
    return computation
