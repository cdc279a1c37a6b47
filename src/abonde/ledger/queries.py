"""Reading the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from abonde.ledger.models import Account, AccountBalance, Book
from abonde.matching.amounts import Cents


@dataclass(frozen=True)
class StatementLine:
    """One posting of an account, and what the account holds after it."""

    transaction: int
    at: datetime
    sentence: str
    moved: Cents
    held: Cents


@dataclass(frozen=True)
class BookCheck:
    """What a replay of a whole book found; `faults` is empty when the book is sound."""

    transactions: int
    postings: int
    faults: tuple[str, ...]


def balance_of(account: Account) -> Cents:
    """The cents that the account holds, on the side on which it grows."""
    return Cents(AccountBalance.objects.values_list("cents", flat=True).get(account=account) * account.side)


def statement_of(account: Account) -> list[StatementLine]:
    """Every movement of the account, oldest first, replayed from the postings."""
    held, lines = 0, []
    for posting in account.postings.select_related("transaction").order_by("transaction_id"):
        moved = posting.cents * account.side
        held += moved
        entry = posting.transaction
        lines.append(StatementLine(entry.pk, entry.at, entry.sentence, Cents(moved), Cents(held)))
    return lines


_REPLAY = """
    SELECT 'transaction ' || id || ' has ' || postings || ' postings that sum to ' || total || ' cents'
    FROM (
        SELECT entry.id, count(posting.id) postings, coalesce(sum(posting.cents), 0) total
        FROM ledger_transaction entry LEFT JOIN ledger_posting posting ON posting.transaction_id = entry.id
        WHERE entry.book_id = %(book)s GROUP BY entry.id
    ) replayed WHERE postings < 2 OR total <> 0
    UNION ALL
    SELECT 'account ' || key || ' keeps ' || coalesce(kept::text, 'nothing') || ' cents and its postings sum to ' || total
    FROM (
        SELECT account.key, kept.cents kept, coalesce(sum(posting.cents), 0) total
        FROM ledger_account account
        LEFT JOIN ledger_accountbalance kept ON kept.account_id = account.id
        LEFT JOIN ledger_posting posting ON posting.account_id = account.id
        WHERE account.book_id = %(book)s GROUP BY account.id, kept.cents
    ) replayed WHERE kept IS DISTINCT FROM total
    UNION ALL
    SELECT 'account ' || account.key || ' is below 0 by ' || -sum(posting.cents * account.side) || ' cents'
    FROM ledger_account account JOIN ledger_posting posting ON posting.account_id = account.id
    WHERE account.book_id = %(book)s AND account.never_negative
    GROUP BY account.id HAVING sum(posting.cents * account.side) < 0
    UNION ALL
    SELECT 'posting ' || posting.id || ' joins two books'
    FROM ledger_posting posting
    JOIN ledger_account account ON account.id = posting.account_id
    JOIN ledger_transaction entry ON entry.id = posting.transaction_id
    WHERE account.book_id <> entry.book_id AND %(book)s IN (account.book_id, entry.book_id)
"""


def check_book(book: Book) -> BookCheck:
    """Replay the whole book from its postings and compare it with every balance that is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_REPLAY, {"book": book.pk})
        faults = tuple(fault for (fault,) in cursor.fetchall())
        cursor.execute(
            "SELECT count(DISTINCT entry.id), count(posting.id) FROM ledger_transaction entry "
            "LEFT JOIN ledger_posting posting ON posting.transaction_id = entry.id WHERE entry.book_id = %s",
            [book.pk],
        )
        transactions, postings = cursor.fetchone()
    return BookCheck(transactions, postings, faults)
