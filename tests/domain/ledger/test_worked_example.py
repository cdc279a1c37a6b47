from __future__ import annotations

import re
from pathlib import Path

from abonde.ledger.actions import open_account, reverse
from abonde.ledger.models import Kind
from abonde.ledger.queries import balance_of, check_book
from tests.domain.ledger.conftest import World

SPECIFICATION = Path(__file__).parents[3] / "docs/design/ledger.md"


def test_the_worked_example_holds(world: World) -> None:
    project = open_account(
        actor=None, book=world.book, key="p", title="Projet", kind=Kind.PROJECT, never_negative=True
    )
    rows = re.findall(
        r"^\| (\w+) \| (-?\d+) \| (-?\d+) \| (-?\d+) \| (-?\d+) \|$", SPECIFICATION.read_text(), re.MULTILINE
    )
    assert [row[0] for row in rows] == ["endow", "grant", "reverse"]
    last = None
    for what, *numbers in rows:
        bank, pot, on_project, held = map(int, numbers)
        moves = {
            account: cents
            for account, cents in ((world.bank, bank), (world.pot, pot), (project, on_project))
            if cents
        }
        if what == "reverse":
            assert last is not None
            last = reverse(actor="agent:1", transaction=last, sentence="withdrawn")
        else:
            last = world.post(moves, sentence=what)
        assert {posting.account: posting.cents for posting in last.postings.all()} == moves
        assert balance_of(world.pot) == held
    assert check_book(world.book).faults == ()
