from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from abonde.ledger.actions import open_account, open_book, post
from abonde.ledger.models import Account, Book, Kind, Transaction
from abonde.matching.amounts import Cents


@dataclass(frozen=True)
class World:
    """A book with a bank, the donors' income, and a pot that is never negative."""

    book: Book
    bank: Account
    income: Account
    pot: Account

    def post(
        self, postings: dict[Account, int], *, key: str | None = None, sentence: str = "moves"
    ) -> Transaction:
        return post(
            actor="agent:1",
            book=self.book,
            kind="test",
            sentence=sentence,
            idempotency_key=key or uuid.uuid4().hex,
            postings={account: Cents(cents) for account, cents in postings.items()},
        )

    def fill_pot(self, cents: int) -> Transaction:
        return self.post({self.bank: cents, self.pot: -cents}, sentence="fills the pot")

    def draw_pot(self, cents: int, *, key: str | None = None) -> Transaction:
        return self.post({self.pot: cents, self.bank: -cents}, key=key, sentence="draws on the pot")


@pytest.fixture
def make_world(database: None) -> Callable[[], World]:
    def make() -> World:
        book = open_book(actor=None, key=uuid.uuid4().hex, title="Fonds des communs")
        return World(
            book,
            open_account(actor=None, book=book, key="bank", title="Banque", kind=Kind.BANK, code="512"),
            open_account(
                actor=None, book=book, key="income", title="Dons", kind=Kind.DONOR_INCOME, code="7541"
            ),
            open_account(
                actor=None,
                book=book,
                key="pot",
                title="Enveloppe",
                kind=Kind.POT,
                code="195",
                never_negative=True,
            ),
        )

    return make


@pytest.fixture
def world(make_world: Callable[[], World]) -> World:
    return make_world()
