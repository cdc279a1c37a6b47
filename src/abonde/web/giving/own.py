"""My gifts: all of them, with what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from abonde.giving.models import Contribution, ContributionState, Pledge
from abonde.giving.queries import gifts_of
from abonde.rounds.models import Round
from abonde.web.giving.thanking import reference_of
from abonde.web.giving.visiting import PersonRequest
from abonde.web.giving.words import GIFTS


@dataclass(slots=True)
class CheckOut:
    """One check-out with its gifts, each with its state in a word and a tone."""

    pledge: Pledge
    reference: str
    gifts: list[tuple[Contribution, Promise, str]] = field(default_factory=list)


@dataclass(slots=True)
class GivenInRound:
    """All check-outs of a person in a round, and the cents received."""

    round: Round
    check_outs: list[CheckOut] = field(default_factory=list)
    received: int = 0


@never_cache
@login_required
@require_safe
def my_gifts(request: PersonRequest) -> HttpResponse:
    """Everything that the person ever gave, round by round, the newest first."""
    return render(request, "giving/my_gifts.html", {"rounds": _by_round(gifts_of(request.user))})


def _by_round(gifts: Iterable[Contribution]) -> list[GivenInRound]:
    rounds: dict[int, GivenInRound] = {}
    check_outs: dict[UUID, CheckOut] = {}
    for gift in gifts:
        pledge = gift.pledge
        given = rounds.setdefault(pledge.round_id, GivenInRound(pledge.round))
        if pledge.pk not in check_outs:
            check_outs[pledge.pk] = CheckOut(pledge, reference_of(pledge))
            given.check_outs.append(check_outs[pledge.pk])
        check_outs[pledge.pk].gifts.append((gift, *GIFTS[gift.state]))
        if gift.state == ContributionState.SETTLED:
            given.received += gift.amount
    return list(rounds.values())
