"""The documents of giving and payments say what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from abonde.core.clock import transaction_time
from abonde.giving.actions import settle_contributions, take_back_contributions
from abonde.giving.models import CONTRIBUTION_TRANSITIONS, ContributionState, ProjectTotal, Support
from abonde.giving.queries import totals_of
from abonde.giving.totals import refresh_person
from abonde.ledger.models import Account
from abonde.ledger.queries import balance_of
from abonde.matching.amounts import Cents
from abonde.payments.actions import take_report
from abonde.payments.bookkeeping import clearing_of
from abonde.payments.provider import Report, Standing
from abonde.payments.states import TRANSITIONS
from abonde.register.models import Certificate
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice
from tests.web.giving.worlds import settled

DESIGN = Path(__file__).parents[3] / "docs/design"


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    text = (DESIGN / document).read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1]
    rows = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_states_of_a_contribution() -> None:
    told = {(before, after) for before, after, _ in table("giving.md", "States of a contribution")}
    assert told == {
        (before, after) for before, followers in CONTRIBUTION_TRANSITIONS.items() for after in followers
    }


def numbers(row: list[str]) -> list[int]:
    return [int(cell.removesuffix(" €")) for cell in row]


@pytest.mark.usefixtures("database")
def test_the_worked_example_of_money_that_a_provider_sent_back() -> None:
    made = settled()
    rows = [
        row for row in table("payments.md", "In the book") if row[0].endswith("€") and row[0][0].isdigit()
    ]
    assert len(rows) == 4
    for went_back, *expected in map(numbers, rows):
        report = Report(standing=Standing.SETTLED, amount=Cents(3500), refunded=Cents(100 * went_back))
        payment = take_report(payment_id=made.payment.pk, report=report)
        held = balance_of(Account.objects.get(book=made.round.fund.book, key="gifts"))
        assert [balance_of(clearing_of(payment)), totals_of(made.round).received, held] == expected


def test_the_states_of_a_payment() -> None:
    told = {before: set(after.split(", ")) for before, after, _ in table("payments.md", "States")}
    assert told == {before: set(after) for before, after in TRANSITIONS.items() if after}


@pytest.mark.usefixtures("database")
def test_the_worked_example_of_giving() -> None:
    round_ = a_round()
    project, person = a_project(round_), a_person()
    a_voice(person, round_)
    assert round_.register is not None
    lines = iter(table("giving.md", "Worked example"))

    def stands() -> None:
        _, given, _, received, counted = next(lines)
        total = ProjectTotal.objects.get(project=project)
        assert Support.objects.get(project=project, person=person).cents == int(given)
        assert (total.received, total.counted) == (int(received), int(counted))

    first = a_pledge(person, {project: 700})
    settle_contributions(pledge=first)
    stands()
    settle_contributions(pledge=a_pledge(person, {project: 500}))
    stands()
    voice = Certificate.objects.get(person=person, register=round_.register)
    Certificate.objects.filter(pk=voice.pk).update(revoked_at=transaction_time(), reason="Moved.")
    refresh_person(person, round_.register)
    stands()
    Certificate.objects.filter(pk=voice.pk).update(revoked_at=None, reason="")
    refresh_person(person, round_.register)
    stands()
    take_back_contributions(pledge=first, state=ContributionState.REFUNDED)
    stands()
