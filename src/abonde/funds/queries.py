"""What is asked about funds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now, TruncDate

from abonde import matching
from abonde.core.prepared import prepared
from abonde.funds.models import Agreement, AgreementState, Fund, Instalment, Pot
from abonde.ledger.models import Account
from abonde.matching.amounts import Cents
from abonde.organisations.models import Organisation
from abonde.rounds.models import Round
from abonde.rounds.states import State

GROWING: Final = frozenset({State.DRAFT, State.APPLICATIONS, State.SELECTION, State.GIVING})
"""The states of a round in which its fund may still grow."""

SIGNED: Final = Q(agreements__state=AgreementState.SIGNED)


def fund_of(round: Round) -> Fund | None:  # noqa: A002  (the word of the domain)
    """The fund of the round, once it is opened, with its book."""
    return Fund.objects.select_related("book").filter(round=round).first()


def pots_of(round: Round) -> list[matching.Pot]:  # noqa: A002
    """The pots as the mechanism shares them out: what signed agreements promise (cents), funders by slug.

    One query. A pot that nobody has signed for is left out.
    """
    earmarks: dict[str, matching.Earmark] = {}
    funders: dict[str, dict[str, Cents]] = {}
    for key, challenge, place, funder, amount in _signed(round.pk):
        earmarks[key] = matching.Earmark(challenge=challenge, place=place or None)
        given = funders.setdefault(key, {})
        given[funder] = Cents(given.get(funder, 0) + amount)
    return [
        matching.Pot(key=key, funders=dict(sorted(funders[key].items())), earmark=earmarks[key])
        for key in sorted(earmarks)
    ]


@prepared
def _signed(round_: int) -> QuerySet[Agreement, tuple[str, str | None, str, str, int]]:
    signed = Agreement.objects.filter(pot__fund__round=round_, state=AgreementState.SIGNED)
    return signed.values_list("pot__key", "pot__challenge__key", "pot__place", "funder__slug", "amount")


def fund_total(round: Round) -> Cents:  # noqa: A002
    """What signed agreements promise to the round in all, in cents."""
    signed = Agreement.objects.filter(pot__fund__round=round, state=AgreementState.SIGNED)
    return Cents(signed.aggregate(total=Coalesce(Sum("amount"), 0))["total"])


def accounts_of(round: Round) -> dict[str, Account]:  # noqa: A002
    """The accounts of the round's book, by their keys."""
    return {account.key: account for account in Account.objects.filter(book__fund__round=round)}


def account_of(round: Round, key: str) -> Account:  # noqa: A002
    """One account of the round's book. Raises Account.DoesNotExist."""
    return Account.objects.get(book__fund__round=round, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class PotMoney:
    """A pot with what was promised by a signature and what has come in (cents)."""

    pot: Pot
    signed: Cents
    received: Cents


def pots_with_money(round: Round) -> list[PotMoney]:  # noqa: A002
    """Every pot of the round with its money, by name. Two queries."""
    pots = list(
        Pot.objects.filter(fund__round=round)
        .select_related("challenge", "fund")
        .annotate(signed=Coalesce(Sum("agreements__amount", filter=SIGNED), 0))
        .order_by("name", "id")
    )
    received = dict(
        Instalment.objects.filter(agreement__pot__fund__round=round, received_at__isnull=False)
        .values_list("agreement__pot")
        .annotate(total=Sum("amount"))
    )
    return [
        PotMoney(pot=pot, signed=Cents(pot.signed), received=Cents(received.get(pot.pk, 0))) for pot in pots
    ]


def agreements_of(round: Round, *, funder: Organisation | None = None) -> QuerySet[Agreement]:  # noqa: A002
    """The agreements of the round, or those of one funder, the newest first, each with its pot and instalments."""
    rows = Agreement.objects.filter(pot__fund__round=round)
    if funder is not None:
        rows = rows.filter(funder=funder)
    return (
        rows.select_related("pot", "pot__challenge", "funder", "signed_by")
        .prefetch_related("instalments")
        .order_by("-created_at", "-id")
    )


def unsigned_agreements(funder: Organisation) -> QuerySet[Agreement]:
    """What the funder is asked to sign, the oldest first."""
    rows = Agreement.objects.filter(
        funder=funder, state=AgreementState.PROPOSED, pot__fund__round__state__in=GROWING
    )
    return rows.select_related("pot__fund__round").order_by("created_at", "id")


def owed_instalments(host: Organisation) -> QuerySet[Instalment]:
    """Instalments that came in for rounds of the host which were called off, and have not gone back to their funders."""
    rows = Instalment.objects.filter(
        agreement__pot__fund__round__host=host,
        agreement__pot__fund__round__state=State.CALLED_OFF,
        received_at__isnull=False,
        returned=None,
    )
    return rows.select_related("agreement__funder", "agreement__pot__fund__round").order_by(
        "received_at", "id"
    )


def due_instalments(host: Organisation) -> QuerySet[Instalment]:
    """Instalments of the host's rounds that should have come in by now, the oldest first."""
    rows = Instalment.objects.filter(
        agreement__pot__fund__round__host=host,
        agreement__state=AgreementState.SIGNED,
        received_at=None,
        due_on__lte=TruncDate(Now()),
    ).exclude(agreement__pot__fund__round__state=State.CALLED_OFF)
    return rows.select_related("agreement__funder", "agreement__pot__fund__round").order_by("due_on", "id")
