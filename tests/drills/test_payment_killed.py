"""kill -9 at every statement of what happens to a payment: nothing lost, nothing doubled, the book in balance."""

from __future__ import annotations

import pytest

from abonde.giving.actions import rebuild_totals
from abonde.payments.models import Payment
from tests.drills.killed import attempts
from tests.drills.paying import found
from tests.drills.paying import settle as settled
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice

pytestmark = pytest.mark.usefixtures("database")

ROOM = "tests.drills.paying"


def a_payment() -> Payment:
    round_ = a_round()
    person = a_person()
    a_voice(person, round_)
    pledge = a_pledge(person, {a_project(round_): 1000, a_project(round_): 2500})
    return Payment.objects.create(pledge=pledge, provider="sandbox", amount=pledge.amount)


def of(payment: Payment) -> dict[str, object]:
    return found(str(payment.pk))


def test_a_payment_settles_wholly_or_not_at_all() -> None:
    payment = a_payment()
    before = of(payment)
    *dead, lived = attempts(ROOM, "settle", payment.pk)
    assert len(dead) > 15
    assert all(attempt == before for attempt in dead)
    assert lived == {
        "state": "settled",
        "contributions": ["settled"],
        "received": 3500,
        "persons": 2,
        "movements": 1,
        "events": 1,
        "letters": before["letters"] + 1,  # type: ignore[operator]
        "basket": 0,
        "refunds": 0,
        "faults": [],
    }
    assert rebuild_totals(payment.pledge.round) == []


@pytest.mark.parametrize(
    ("deed", "state", "contribution", "received"),
    [
        ("dispute", "disputed", "charged_back", 0),
        ("refund", "refunded", "refunded", 0),
        ("send_back", "refunded", "refunded", 0),
    ],
)
def test_what_goes_back_goes_wholly_or_not_at_all(
    deed: str, state: str, contribution: str, received: int
) -> None:
    payment = a_payment()
    settled(str(payment.pk))
    before = of(payment)
    *dead, lived = attempts(ROOM, deed, payment.pk)
    assert len(dead) > 12
    assert all(attempt == before for attempt in dead)
    assert (
        lived["state"],
        lived["contributions"],
        lived["received"],
        lived["movements"],
        lived["faults"],
    ) == (
        state,
        [contribution],
        received,
        2,
        [],
    )
    assert rebuild_totals(payment.pledge.round) == []
