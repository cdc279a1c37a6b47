"""What the fund has to say when its round is to open, or a funder to leave it."""

from __future__ import annotations

from django.conf import settings

from abonde.core.transitions import NotNow
from abonde.funds.models import Agreement, AgreementState
from abonde.funds.queries import fund_of, fund_total
from abonde.matching.amounts import Cents, Euros
from abonde.matching.refusal import Refusal
from abonde.rounds.models import Party, Round


def lacking(round: Round) -> list[Refusal]:  # noqa: A002  (the word of the domain)
    """What the fund lacks before the round can open."""
    if fund_of(round) is None:
        return [Refusal("Open the fund.")]
    total = fund_total(round)
    if not total:
        return [Refusal("The fund has a pot, and at least one funder signs what it brings.")]
    most = Cents(100 * settings.OPEN_REGISTER_LARGEST_FUND)
    if most and total > most and round.register is not None and round.register.is_weak:
        return [
            Refusal(
                "The fund holds {total}. Where a voice goes with an e-mail address, which is weak, it may hold {most} at "
                "most: choose a register of a community, or a certified one.",
                total=Euros(total),
                most=Euros(most),
            )
        ]
    return []


def keep_signed_funders(party: Party) -> None:
    """Raises NotNow for a funder that has signed an agreement in the round."""
    signed = Agreement.objects.filter(
        funder=party.organisation_id, pot__fund__round=party.round_id, state=AgreementState.SIGNED
    )
    if signed.exists():
        raise NotNow(
            "{funder} has signed an agreement in this round: it stays.", funder=party.organisation.name
        )
