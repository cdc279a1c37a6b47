"""My gifts: all of them, with what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from abonde.giving.models import Contribution, Pledge
from abonde.giving.queries import pledges_of, received_from
from abonde.rounds.models import Round
from abonde.web.giving.visiting import PersonRequest
from abonde.web.giving.words import GIFTS

CHECK_OUTS: Final = 20


@dataclass(slots=True)
class GivenInRound:
    """Check-outs of a person in a round, each with its gifts and their states, and all cents received in the round."""

    round: Round
    received: int
    check_outs: list[tuple[Pledge, list[tuple[Contribution, Promise, str]]]] = field(default_factory=list)


@never_cache
@login_required
@require_safe
def my_gifts(request: PersonRequest) -> HttpResponse:
    """Everything that the person ever gave, the newest first, what lies together in one round under its name."""
    page = Paginator(pledges_of(request.user), CHECK_OUTS).get_page(request.GET.get("page"))
    received = received_from(request.user)
    rounds: list[GivenInRound] = []
    for pledge in page:
        if not rounds or rounds[-1].round != pledge.round:
            rounds.append(GivenInRound(pledge.round, received.get(pledge.round_id, 0)))
        gifts = [(gift, *GIFTS[gift.state]) for gift in pledge.contributions.all()]
        rounds[-1].check_outs.append((pledge, gifts))
    return render(request, "giving/my_gifts.html", {"rounds": rounds, "page": page})
