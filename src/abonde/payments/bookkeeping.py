"""Payments in the book of their round: what the provider owes, against what is held for each project."""

from __future__ import annotations

from abonde.funds.queries import account_of
from abonde.ledger.actions import open_account, post
from abonde.ledger.models import Account, Kind
from abonde.matching.amounts import Cents
from abonde.payments.models import Payment


def write_gifts(payment: Payment, what: str, sentence: str, moved: dict[str, int], *, sign: int) -> None:
    """Write `moved` (cents by project key), in with `sign` 1, out with -1; `what` makes it unrepeatable."""
    if not moved:
        return
    round_ = payment.pledge.round
    postings: dict[Account, Cents] = {
        clearing_of(payment): Cents(sign * sum(moved.values())),
        **{
            account_of(round_, f"project:{project}"): Cents(-sign * cents) for project, cents in moved.items()
        },
    }
    post(
        actor=None,
        book=round_.fund.book,
        kind="gift",
        sentence=sentence,
        idempotency_key=f"payment {payment.pk} {what}",
        postings=postings,
        metadata={"payment": str(payment.pk)},
    )


def clearing_of(payment: Payment) -> Account:
    """The account of what the payment's provider owes, opened with its first payment."""
    book, key = payment.pledge.round.fund.book, f"clearing:{payment.provider}"
    found = Account.objects.filter(book=book, key=key).first()
    return found or open_account(
        actor=None, book=book, key=key, title=f"Payments by {payment.provider}", kind=Kind.PROVIDER_CLEARING
    )
