"""What is done to the books. Each action is one database transaction, or a part of its caller's."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError
from django.db.transaction import atomic

from abonde.core.events import record_event
from abonde.core.prepared import insert_rows, insert_unless_there
from abonde.ledger.models import Account, Book, Kind, Posting, Transaction
from abonde.ledger.queries import balance_of
from abonde.matching.amounts import Cents, Euros
from abonde.matching.refusal import Refusal


class KeyUsed(Refusal):
    """The idempotency key already stands for something else."""


class NotEnough(Refusal):
    """An account that is never negative would be."""


class AlreadyReversed(Refusal):
    """The transaction has its reversal, or is one."""


class Unbalanced(Refusal):
    """The postings do not make a transaction."""


@atomic
def open_book(*, actor: str | None, key: str, title: str) -> Book:
    """Open the book of a fund; `key` is its only one. Raises IntegrityError if the key is taken."""
    book = Book.objects.create(key=key, title=title)
    record_event(actor=actor, verb="open_book", subject=book, after={"key": key})
    return book


@atomic
def open_account(
    *,
    actor: str | None,
    book: Book,
    key: str,
    title: str,
    kind: Kind,
    code: str | None = None,
    never_negative: bool = False,
) -> Account:
    """Open an account at 0. Raises IntegrityError if the book already has one with this key."""
    account = Account.objects.create(
        book=book, key=key, title=title, kind=kind, side=kind.side, code=code, never_negative=never_negative
    )
    record_event(actor=actor, verb="open_account", subject=account, after={"key": key, "kind": kind})
    return account


@atomic(savepoint=False)
def post(
    *,
    actor: str | None,
    book: Book,
    kind: str,
    sentence: str,
    idempotency_key: str,
    postings: Mapping[Account, Cents],
    metadata: Mapping[str, object] | None = None,
) -> Transaction:
    """Move money: `postings` gives cents per account, debits positive, summing to 0.

    Repeated with the same key and content, returns the first transaction and posts nothing. `sentence` and `metadata`
    hold no personal data: the book cannot be erased. The transaction is its own entry in the log of events.

    Raises Unbalanced, NotEnough, and KeyUsed if the key stands for another content.
    """
    _check_balanced(postings)
    wanted = Transaction(
        book=book,
        kind=kind,
        sentence=sentence,
        actor=actor,
        idempotency_key=idempotency_key,
        metadata=dict(metadata or {}),
    )
    if not insert_unless_there(wanted):
        first = Transaction.objects.get(book=book, idempotency_key=idempotency_key)
        _check_same(first, wanted, postings)
        return first
    _write(wanted, postings)
    return wanted


@atomic
def reverse(*, actor: str | None, transaction: Transaction, sentence: str) -> Transaction:
    """Undo a transaction by its mirror image: the only correction there is, and possible once.

    Raises AlreadyReversed, and NotEnough if the money has moved on.
    """
    if transaction.reverses_id is not None:
        raise AlreadyReversed(
            "Transaction {id} is itself a reversal; post what is right instead.", id=transaction.pk
        )
    reversal = Transaction(
        book=transaction.book,
        kind="reversal",
        sentence=sentence,
        actor=actor,
        idempotency_key=f"reversal of {transaction.pk}",
        reverses=transaction,
    )
    try:
        with atomic():
            reversal.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyReversed("Transaction {id} is already reversed.", id=transaction.pk) from error
    mirror = {
        posting.account: Cents(-posting.cents) for posting in transaction.postings.select_related("account")
    }
    _write(reversal, mirror)
    return reversal


def _write(transaction: Transaction, postings: Mapping[Account, Cents]) -> None:
    # One order for everyone, so that two transactions on the same accounts wait for each other and never both.
    in_order = sorted(postings.items(), key=lambda posting: posting[0].pk)
    insert_rows(
        [Posting(transaction=transaction, account=account, cents=cents) for account, cents in in_order]
    )
    for account, _ in in_order:
        if account.never_negative and (short := balance_of(account)) < 0:
            raise NotEnough(
                "{account} lacks {euros} for this: {sentence}",
                account=account.title,
                euros=Euros(-short),
                sentence=transaction.sentence,
            )


def _check_balanced(postings: Mapping[Account, Cents]) -> None:
    if len(postings) < 2 or sum(postings.values()) != 0 or not all(postings.values()):  # noqa: PLR2004
        raise Unbalanced(
            "A transaction needs two postings or more, none of 0, that sum to 0; these sum to {cents} cents.",
            cents=sum(postings.values()),
        )


def _check_same(first: Transaction, wanted: Transaction, postings: Mapping[Account, Cents]) -> None:
    written = dict(first.postings.values_list("account_id", "cents"))
    same = (first.kind, first.sentence, first.actor, first.metadata) == (
        wanted.kind,
        wanted.sentence,
        wanted.actor,
        wanted.metadata,
    )
    if not same or written != {account.pk: cents for account, cents in postings.items()}:
        raise KeyUsed(
            "The key {key} already stands for another transaction ({id}): {sentence}",
            key=first.idempotency_key,
            id=first.pk,
            sentence=first.sentence,
        )
