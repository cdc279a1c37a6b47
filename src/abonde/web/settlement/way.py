"""How far a round is on the way to its final result, and what the last computation changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.models import Computation
from abonde.settlement.queries import Difference, differences
from abonde.web.settlement.showing import SETTLED, Signer, may_object

MOST_CHANGES: Final = 3
"""The changes that the page of the results tells; the others stand on the page of the computation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the last computation changed: the largest differences, and how many there are."""

    largest: list[Difference]
    number: int


def way(
    round: Round,  # noqa: A002  (the word of the domain)
    computation: Computation | None = None,
    signers: Sequence[Signer] = (),
) -> list[dict[str, str]]:
    """The steps from the last gift to the final result, for components/steps.html; none for a round called off."""
    if round.state == State.CALLED_OFF:
        return []
    labels = (
        _("Gifts until {day}").format(day=_day(round.giving_closes_at))
        if round.giving_closes_at
        else _("Gifts"),
        _("Computed on {day}").format(day=_day(computation.at)) if computation else _("Computation"),
        _("Objections until {day}").format(day=_day(round.objections_close_at))
        if round.objections_close_at
        else _("Objections"),
        _("{made} of {all} signatures").format(
            made=sum(1 for one in signers if one.signature and one.signature.holds), all=len(signers)
        )
        if signers
        else _("Signatures"),
        _("Final result"),
    )
    reached = _reached(round)
    return [
        {"label": label, "state": "done" if place < reached else "current" if place == reached else "todo"}
        for place, label in enumerate(labels)
    ]


def change_by(computation: Computation) -> Change | None:
    """What a computation that was not the first changed."""
    if computation.number == 1:
        return None
    found = differences(computation)
    return Change(largest=found[:MOST_CHANGES], number=len(found))


def _reached(round: Round) -> int:  # noqa: A002
    if round.state in SETTLED:
        return 5
    if round.state == State.PROVISIONAL:
        return 2 if may_object(round) else 3
    return 1 if round.state == State.CLOSED else 0


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")
