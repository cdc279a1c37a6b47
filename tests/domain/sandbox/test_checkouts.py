"""What can be done with a check-out, when, and once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.db.models import Model
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.sandbox.actions import choose, open_checkout, pay_when_due, refund
from abonde.sandbox.models import Checkout, Happening, RefundDone
from abonde.sandbox.states import RESULT, TRANSITIONS, WHY_NOT, Choice, State, choices_in
from tests.domain.sandbox.worlds import a_checkout
from tests.factories import unique

pytestmark = pytest.mark.usefixtures("database")

WAY = {
    State.OPEN: [],
    State.PENDING: [Choice.PAY_LATER],
    State.PAID: [Choice.PAY],
    State.REFUSED: [Choice.REFUSE],
    State.ABANDONED: [Choice.ABANDON],
    State.DISPUTED: [Choice.PAY, Choice.DISPUTE],
    State.DISPUTE_WON: [Choice.PAY, Choice.DISPUTE, Choice.WIN],
    State.DISPUTE_LOST: [Choice.PAY, Choice.DISPUTE, Choice.LOSE],
    State.REFUNDED: [Choice.PAY],
}


def brought_to(state: State) -> Checkout:
    checkout = a_checkout()
    for choice in WAY[state]:
        choose(checkout_id=checkout.pk, choice=choice)
    if state == State.REFUNDED:
        send_back(checkout)
    checkout.refresh_from_db()
    assert checkout.state == state
    return checkout


def send_back(checkout: Checkout, amount: int = 2500, key: str = "") -> RefundDone:
    return refund(checkout_id=checkout.pk, merchant_key=key or unique("refund"), amount=Cents(amount))


def happenings(checkout: Checkout) -> list[str]:
    return [happening.what for happening in Happening.objects.filter(checkout=checkout)]


def together(*actions: Callable[[], Model]) -> list[object]:
    """Do all at the same moment, each on its own connection; a refusal is returned."""
    start = Barrier(len(actions))

    def one(action: Callable[[], Model]) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return action()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(one, actions))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("choice", Choice)
def test_the_table_says_what_can_be_chosen(state: State, choice: Choice) -> None:
    checkout = brought_to(state)
    before = happenings(checkout)
    if choice in choices_in(state):
        assert choose(checkout_id=checkout.pk, choice=choice).state == RESULT[choice]
        assert happenings(checkout) == [*before, RESULT[choice]]
        return
    if RESULT[choice] == state:
        assert choose(checkout_id=checkout.pk, choice=choice).state == state
    else:
        with pytest.raises(NotNow) as told:
            choose(checkout_id=checkout.pk, choice=choice)
        assert str(told.value) == WHY_NOT[state]
    checkout.refresh_from_db()
    assert checkout.state == state
    assert happenings(checkout) == before


@pytest.mark.parametrize("state", State)
def test_only_money_that_is_there_is_sent_back(state: State) -> None:
    checkout = brought_to(state)
    if State.REFUNDED in TRANSITIONS[state]:
        send_back(checkout)
    else:
        with pytest.raises(NotNow):
            send_back(checkout)
    checkout.refresh_from_db()
    assert (checkout.state == State.REFUNDED) == (checkout.refunded == checkout.amount)


def test_a_reference_opens_one_page() -> None:
    reference = unique("attempt")
    first = a_checkout(reference=reference)
    choose(checkout_id=first.pk, choice=Choice.PAY)
    again = a_checkout(reference=reference)
    assert (again.pk, again.state) == (first.pk, State.PAID)
    assert happenings(first) == [State.OPEN, State.PAID]
    with pytest.raises(Refusal, match="used before with another amount"):
        a_checkout(reference=reference, amount=2501)


def test_a_reference_opens_one_page_for_two_clicks_at_once() -> None:
    reference = unique("attempt")
    found = together(*[lambda: a_checkout(reference=reference)] * 4)
    assert len({str(checkout) for checkout in found}) == 1
    assert Happening.objects.filter(checkout__merchant_reference=reference).count() == 1


@pytest.mark.parametrize("amount", [0, -1, 10**12, 10**30])
def test_amounts_that_nobody_pays(amount: int) -> None:
    with pytest.raises(Refusal, match="amounts from"):
        a_checkout(amount=amount)


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(days=1, microseconds=1)])
def test_delays_out_of_bounds(delay: timedelta) -> None:
    checkout = a_checkout()
    with pytest.raises(Refusal, match="delay"):
        choose(checkout_id=checkout.pk, choice=Choice.PAY_LATER, delay=delay)
    assert happenings(checkout) == [State.OPEN]


def test_what_is_to_be_paid_later_is_not_paid_before() -> None:
    checkout = a_checkout()
    choose(checkout_id=checkout.pk, choice=Choice.PAY_LATER, delay=timedelta(hours=1))
    assert pay_when_due(checkout_id=checkout.pk).state == State.PENDING
    Checkout.objects.filter(pk=checkout.pk).update(due_at=present_time())
    paid = pay_when_due(checkout_id=checkout.pk)
    assert (paid.state, paid.method) == (State.PAID, "sepa_debit")
    pay_when_due(checkout_id=checkout.pk)
    assert happenings(checkout) == [State.OPEN, State.PENDING, State.PAID]


def test_what_was_refused_meanwhile_is_not_paid_by_the_clock() -> None:
    checkout = a_checkout()
    choose(checkout_id=checkout.pk, choice=Choice.PAY_LATER, delay=timedelta(0))
    choose(checkout_id=checkout.pk, choice=Choice.REFUSE)
    assert pay_when_due(checkout_id=checkout.pk).state == State.REFUSED


def test_two_choices_at_once_make_one() -> None:
    checkout = a_checkout()
    found = together(
        lambda: choose(checkout_id=checkout.pk, choice=Choice.PAY),
        lambda: choose(checkout_id=checkout.pk, choice=Choice.REFUSE),
    )
    assert sum(isinstance(result, NotNow) for result in found) == 1
    checkout.refresh_from_db()
    assert happenings(checkout) == [State.OPEN, checkout.state]


def test_a_double_click_pays_once() -> None:
    checkout = a_checkout()
    found = together(*[lambda: choose(checkout_id=checkout.pk, choice=Choice.PAY)] * 4)
    assert all(isinstance(result, Checkout) for result in found)
    assert happenings(checkout) == [State.OPEN, State.PAID]


def test_a_refund_in_parts_ends_with_the_last_cent() -> None:
    checkout = brought_to(State.PAID)
    send_back(checkout, 1000)
    with pytest.raises(Refusal, match=r"at most the 15\.00 €"):
        send_back(checkout, 1501)
    for amount in (0, -1):
        with pytest.raises(Refusal):
            send_back(checkout, amount)
    with pytest.raises(NotNow, match="Part of this payment"):
        choose(checkout_id=checkout.pk, choice=Choice.DISPUTE)
    send_back(checkout, 1500)
    checkout.refresh_from_db()
    assert (checkout.refunded, checkout.state) == (2500, State.REFUNDED)
    assert happenings(checkout) == [State.OPEN, State.PAID, State.REFUNDED, State.REFUNDED]


def test_a_key_sends_back_once() -> None:
    checkout, key = brought_to(State.PAID), unique("refund")
    found = together(*[lambda: send_back(checkout, 2000, key)] * 4)
    assert len({getattr(done, "pk", None) for done in found}) == 1
    assert send_back(checkout, 2000, key).merchant_key == key
    checkout.refresh_from_db()
    assert (checkout.refunded, checkout.refunds.count()) == (2000, 1)
    with pytest.raises(Refusal, match="used before for another refund"):
        send_back(checkout, 500, key)
    with pytest.raises(Refusal, match="used before for another refund"):
        send_back(brought_to(State.PAID), 2000, key)


def test_two_refunds_at_once_never_send_back_more_than_was_paid() -> None:
    checkout = brought_to(State.PAID)
    found = together(*[lambda: send_back(checkout, 1000)] * 4)
    assert sum(isinstance(done, RefundDone) for done in found) == 2
    checkout.refresh_from_db()
    assert checkout.refunded == 2000


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"amount": 0}, "sandbox_(amount|all_refunded)"),
        ({"refunded": -1}, "sandbox_refunded"),
        ({"refunded": 2501}, "sandbox_(all_)?refunded"),
        ({"refunded": 2500}, "sandbox_all_refunded"),
        ({"paid_at": None}, "sandbox_paid_at"),
        ({"state": "dispute_won"}, "cannot go from paid to dispute_won"),
        ({"state": "gone", "paid_at": None}, "sandbox_state"),
    ],
)
def test_postgresql_holds_it_too(columns: dict[str, object], constraint: str) -> None:
    checkout = brought_to(State.PAID)
    with pytest.raises(IntegrityError, match=constraint), atomic():
        Checkout.objects.filter(pk=checkout.pk).update(**columns)


def test_no_such_page() -> None:
    with pytest.raises(Checkout.DoesNotExist):
        choose(checkout_id=uuid4(), choice=Choice.PAY)


def test_an_address_is_refused_before_anything_is_written() -> None:
    reference = unique("attempt")
    with pytest.raises(Refusal):
        open_checkout(
            merchant_reference=reference,
            label="Dons",
            amount=Cents(100),
            return_address="http://localhost/",
            notice_address="ftp://localhost/",
        )
    assert not Checkout.objects.filter(merchant_reference=reference).exists()
