"""The book of a final result: the money of each pot goes to the accounts of its projects."""

from __future__ import annotations

from abonde.funds.models import Fund, Pot
from abonde.funds.queries import accounts_of
from abonde.ledger.actions import post
from abonde.ledger.models import Account
from abonde.matching.amounts import Cents
from abonde.settlement.models import Computation, PotLine


def pay_projects(computation: Computation, *, actor: str | None) -> None:
    """Post each pot once: debit the pot, credit its projects. Raises NotEnough if a pot lacks what it promised."""
    fund = Fund.objects.select_related("book", "round").get(round=computation.round_id)
    accounts = accounts_of(fund.round)
    by_pot: dict[int, dict[Account, Cents]] = {}
    lines = PotLine.objects.filter(computation=computation).select_related("project")
    for line in lines:
        by_pot.setdefault(line.pot_id, {})[accounts[f"project:{line.project.key}"]] = Cents(-line.cents)
    for pot in Pot.objects.filter(pk__in=by_pot).select_related("account").order_by("key"):
        granted = by_pot[pot.pk]
        post(
            actor=actor,
            book=fund.book,
            kind="matching",
            sentence=f"{pot.name}: abondement des projets, calcul n° {computation.number}",
            idempotency_key=f"computation {computation.pk} pot {pot.key}",
            postings={pot.account: Cents(-sum(granted.values())), **granted},
            metadata={"round": computation.round.slug, "computation": computation.number, "pot": pot.key},
        )
