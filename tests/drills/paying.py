"""The deeds on a payment that the drills kill at every statement, and what stands afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from abonde.core.models import Event
from abonde.giving.models import BasketLine, Contribution, ProjectTotal
from abonde.ledger.models import Transaction
from abonde.ledger.queries import check_book
from abonde.matching.amounts import Cents
from abonde.notifications.models import Letter
from abonde.organisations.models import Membership, Role
from abonde.payments.actions import refund_payment, take_report
from abonde.payments.models import Payment, Refund
from abonde.payments.provider import Report, Standing


def settle(payment: str) -> None:
    _report(payment, Standing.SETTLED)


def dispute(payment: str) -> None:
    _report(payment, Standing.DISPUTED)


def send_back(payment: str) -> None:
    """As a provider does by itself."""
    amount = Cents(Payment.objects.get(pk=payment).amount)
    report = Report(standing=Standing.SETTLED, amount=amount, refunded=amount)
    take_report(payment_id=UUID(payment), report=report)


def win(payment: str) -> None:
    _report(payment, Standing.WON)


def refund(payment: str) -> None:
    host = Payment.objects.get(pk=payment).pledge.round.host
    manager = Membership.objects.filter(organisation=host, role=Role.MANAGER)[0].person
    refund_payment(person=manager, payment_id=UUID(payment), reason="Asked for.")


def found(payment: str) -> dict[str, Any]:
    row = Payment.objects.select_related("pledge__round__fund__book").get(pk=payment)
    pledge = row.pledge
    return {
        "state": row.state,
        "contributions": sorted(
            Contribution.objects.filter(pledge=pledge).values_list("state", flat=True).distinct()
        ),
        "received": sum(
            ProjectTotal.objects.filter(project__contributions__pledge=pledge).values_list(
                "received", flat=True
            )
        ),
        "persons": sum(
            ProjectTotal.objects.filter(project__contributions__pledge=pledge).values_list(
                "persons", flat=True
            )
        ),
        "movements": Transaction.objects.filter(book=pledge.round.fund.book, kind="gift").count(),
        "events": Event.objects.filter(subject_id=str(row.pk)).count(),
        "letters": Letter.objects.filter(person=pledge.person).count(),
        "basket": BasketLine.objects.filter(basket__person=pledge.person).count(),
        "refunds": Refund.objects.filter(payment=row).count(),
        "faults": list(check_book(pledge.round.fund.book).faults),
    }


def _report(payment: str, standing: Standing) -> None:
    amount = Cents(Payment.objects.get(pk=payment).amount)
    take_report(payment_id=UUID(payment), report=Report(standing=standing, amount=amount, method="card"))
