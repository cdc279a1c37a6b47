"""What the pages of results share: which round and computation, who signed, what a state is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.core.clock import present_time
from abonde.funds.models import Pot
from abonde.organisations.models import Organisation
from abonde.rounds.models import Round, SignedText
from abonde.rounds.queries import round_of, signers_of
from abonde.rounds.signing import CheckedSignature, checked_signatures
from abonde.rounds.states import State
from abonde.settlement.models import Computation, ResultLine
from abonde.settlement.queries import latest

SETTLED = frozenset({State.FINAL, State.PAYING_OUT, State.ARCHIVED})
"""The states in which the result is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """An organisation of the trio, and its signature under the result."""

    organisation: Organisation
    signature: CheckedSignature | None


def shown_round(slug: str) -> Round:
    """A round that anyone may see. Raises Http404."""
    try:
        return round_of(slug)
    except Round.DoesNotExist:
        raise Http404 from None


def result_of(slug: str) -> tuple[Round, Computation]:
    """A round and the computation that holds. Raises Http404 where there is none yet."""
    round_ = shown_round(slug)
    computation = latest(round_)
    if computation is None:
        raise Http404
    computation.round = round_
    return round_, computation


def pot_names(round: Round) -> dict[str, str]:  # noqa: A002  (the word of the domain)
    """The names of the pots by key."""
    return dict(Pot.objects.filter(fund__round=round).values_list("key", "name"))


def signers(round: Round, text: SignedText | None) -> list[Signer]:  # noqa: A002
    """Who signs the result, and who has; empty before its text is there."""
    if text is None:
        return []
    made = {one.signature.organisation_id: one for one in checked_signatures(text)}
    return [Signer(organisation=one, signature=made.get(one.pk)) for one in signers_of(round)]


def may_object(round: Round) -> bool:  # noqa: A002
    """Whether objections are taken now, by the database's clock."""
    until = round.objections_close_at
    if round.state != State.PROVISIONAL or until is None:
        return False
    read_at: datetime | None = getattr(round, "read_at", None)  # as round_of gives it
    return (read_at or present_time()) < until


def state_words(round: Round) -> dict[str, str]:  # noqa: A002
    """The state of the result, for components/state.html."""
    if round.state == State.CALLED_OFF:
        return {"label": _("Called off"), "tone": "danger"}
    if round.state in SETTLED:
        return {"label": _("Final"), "tone": "success"}
    return {"label": _("Provisional"), "tone": "warning"}


def trail(round: Round, *more: tuple[str, str]) -> list[tuple[str, str]]:  # noqa: A002
    """Where a public page stands."""
    return [(round.name, reverse("round", args=[round.slug])), *more]


def results_step(round: Round) -> tuple[str, str]:  # noqa: A002
    """The results, as a step of the trail."""
    return _("Results"), reverse("results", args=[round.slug])


def totals(lines: list[ResultLine]) -> dict[str, Any]:
    """The last line of the table."""
    return {
        "received": sum(line.received for line in lines),
        "matching": sum(line.matching for line in lines),
    }
