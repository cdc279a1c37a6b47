"""Payments in the book of their round: what the provider owes, against what is held for each project."""

from __future__ import annotations

from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.transaction import atomic

from abonde.core.prepared import any_of, prepared
from abonde.ledger.actions import open_account, post
from abonde.ledger.models import Account, Kind
from abonde.matching.amounts import Cents
from abonde.payments.models import Payment

WITHOUT_PROJECT = "gifts"
"""The key of the account of gifts that no project is to have."""


def write_gifts(  # noqa: PLR0913  (an entry in a book names all it needs)
    payment: Payment,
    what: str,
    sentence: str,
    moved: dict[str, int],
    *,
    sign: int,
    kept: Cents = Cents(0),
) -> None:
    """Write `moved` (cents by project key), in with `sign` 1, out with -1; `what` makes it unrepeatable.

    `kept` cents more stay with the host, held for no project; negative, as many of these leave.
    """
    if not moved and not kept:
        return
    round_ = payment.pledge.round
    cents = {f"project:{project}": Cents(-sign * amount) for project, amount in moved.items()}
    keys = [*cents, _clearing(payment), *([WITHOUT_PROJECT] if kept else [])]
    accounts = {account.key: account for account in _accounts(round_.pk, keys)}
    clearing = accounts.pop(_clearing(payment), None) or clearing_of(payment)
    if kept:
        cents[WITHOUT_PROJECT] = Cents(-kept)
    if missing := cents.keys() - accounts.keys():
        raise Account.DoesNotExist(", ".join(missing))
    postings = {
        clearing: Cents(sign * sum(moved.values()) + kept),
        **{accounts[key]: amount for key, amount in cents.items()},
    }
    post(
        actor=None,
        book=clearing.book,
        kind="gift",
        sentence=sentence,
        idempotency_key=f"payment {payment.pk} {what}",
        postings=postings,
        metadata={"payment": str(payment.pk)},
    )


@prepared
def _accounts(round_: int, keys: list) -> QuerySet[Account]:  # type: ignore[type-arg]
    accounts = Account.objects.select_related("book").filter(book__fund__round=round_)
    return accounts.filter(key__in=any_of(keys, "text"))


def clearing_of(payment: Payment) -> Account:
    """The account of what the payment's provider owes, opened with its first payment."""
    book, key = payment.pledge.round.fund.book, _clearing(payment)
    accounts = Account.objects.select_related("book").filter(book=book, key=key)
    if found := accounts.first():
        return found
    try:
        with atomic():
            return open_account(
                actor=None,
                book=book,
                key=key,
                title=f"Payments by {payment.provider}",
                kind=Kind.PROVIDER_CLEARING,
            )
    except IntegrityError:  # another first payment was quicker
        return accounts.get()


def _clearing(payment: Payment) -> str:
    return f"clearing:{payment.provider}"
