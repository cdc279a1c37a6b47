"""From the pledge to the book and back: the platform, its worker, HTTP between them, and a visitor at the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from django.test.utils import modify_settings

from abonde.giving.queries import totals_of
from abonde.ledger.queries import balance_of, check_book
from abonde.matching.amounts import Cents
from abonde.payments.actions import check_payment, start_payment
from abonde.payments.bookkeeping import clearing_of
from abonde.payments.hearing import hear_waiting
from abonde.payments.models import Notice, Payment, Refund
from abonde.payments.refunding import carry_out_refund
from abonde.payments.starting import Begun
from abonde.payments.states import State
from abonde.sandbox.models import Checkout, Delivery
from tests.domain.sandbox.worlds import work
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice


@pytest.fixture
def site(database: None) -> Iterator[str]:
    """The platform on a port of its own, where the sandbox finds it."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    with modify_settings(ALLOWED_HOSTS={"append": "127.0.0.1"}):
        server.start()
        server.is_ready.wait()
        assert server.error is None
        address = f"http://127.0.0.1:{server.port}"
        with override_settings(PUBLIC_URL=address, PAYMENT_PROVIDER="sandbox"):
            yield address
        server.terminate()


@pytest.fixture
def begun(site: str) -> Begun:
    round_ = a_round()
    person = a_person()
    a_voice(person, round_)
    return start_payment(pledge=a_pledge(person, {a_project(round_): 1000, a_project(round_): 2500}))


def page_of(begun: Begun) -> Checkout:
    return Checkout.objects.get(merchant_reference=str(begun.payment.pk))


def choose(begun: Begun, choice: str, *, manner: str = "at_once", page: str = "") -> None:
    path = urlsplit(begun.address).path + page
    answer = Client().post(path, {"choice": choice, "manner": manner, "delay": "10"})
    assert answer.status_code == 302


def hear(begun: Begun, notices: int) -> None:
    """Let the notifications through, and ask what they mean, as the job does."""
    work(until=lambda: _undelivered(begun) == 0)
    known = list(Notice.objects.filter(payment=begun.payment))
    assert len(known) == notices
    hear_waiting()
    assert {notice.handled_at is None for notice in Notice.objects.filter(payment=begun.payment)} <= {False}


def _undelivered(begun: Begun) -> int:
    return Delivery.objects.filter(happening__checkout=page_of(begun), delivered_at=None).count()


def stands(begun: Begun) -> tuple[str, int, int]:
    """The state, what the round shows as given, and what the book holds (cents)."""
    payment = Payment.objects.get(pk=begun.payment.pk)
    round_ = payment.pledge.round
    assert not check_book(round_.fund.book).faults
    return payment.state, totals_of(round_).received, balance_of(clearing_of(payment))


def test_the_visitor_is_sent_to_the_page_and_back(site: str, begun: Begun) -> None:
    assert begun.address == f"{site}/bac-a-sable/{begun.payment.reference}/"
    checkout = page_of(begun)
    assert (str(checkout.pk), checkout.amount) == (begun.payment.reference, 3500)
    assert checkout.return_address == f"{site}/paiements/{begun.payment.pk}/retour/"
    assert start_payment(pledge=begun.payment.pledge).address == begun.address


@pytest.mark.parametrize(("manner", "notices"), [("at_once", 1), ("twice", 1), ("out_of_order", 2)])
def test_paid_is_counted_once_however_it_is_told(begun: Begun, manner: str, notices: int) -> None:
    choose(begun, "pay", manner=manner)
    hear(begun, notices)
    assert stands(begun) == (State.SETTLED, 3500, 3500)


def test_paid_and_never_told_is_found_by_asking(begun: Begun) -> None:
    choose(begun, "pay", manner="never")
    hear(begun, 0)
    assert stands(begun) == (State.CREATED, 0, 0)
    check_payment(payment_id=begun.payment.pk)
    assert stands(begun) == (State.SETTLED, 3500, 3500)


@pytest.mark.parametrize(("choice", "state"), [("refuse", State.FAILED), ("abandon", State.CANCELLED)])
def test_unpaid_counts_for_nothing_and_may_be_tried_again(begun: Begun, choice: str, state: State) -> None:
    choose(begun, choice)
    hear(begun, 1)
    assert stands(begun) == (state, 0, 0)
    again = start_payment(pledge=begun.payment.pledge)
    assert again.payment.reference != begun.payment.reference
    choose(again, "pay")
    hear(again, 1)
    assert stands(again) == (State.SETTLED, 3500, 3500)


def test_paid_on_two_pages_one_is_sent_back(begun: Begun) -> None:
    choose(begun, "abandon")
    hear(begun, 1)
    again = start_payment(pledge=begun.payment.pledge)
    for attempt in (again, begun):
        choose(attempt, "pay")
        check_payment(payment_id=attempt.payment.pk)
    refund = Refund.objects.get(payment=begun.payment)
    for _ in range(2):
        carry_out_refund(refund_id=refund.pk)
    assert page_of(begun).refunded == 3500
    assert stands(again) == (State.SETTLED, 3500, 3500)


@pytest.mark.parametrize(("verdict", "state", "cents"), [("win", State.WON, 3500), ("lose", State.LOST, 0)])
def test_a_dispute_takes_the_gift_out_until_it_is_decided(
    begun: Begun, verdict: str, state: State, cents: int
) -> None:
    choose(begun, "pay")
    hear(begun, 1)
    choose(begun, "dispute", page="litige/")
    hear(begun, 2)
    assert stands(begun) == (State.DISPUTED, 0, 0)
    choose(begun, verdict, page="litige/")
    hear(begun, 3)
    assert stands(begun) == (state, cents, Cents(cents))


def test_what_the_provider_sends_back_by_itself_no_longer_counts(begun: Begun) -> None:
    choose(begun, "pay")
    hear(begun, 1)
    choose(begun, "send_back", page="litige/")
    hear(begun, 2)
    assert stands(begun) == (State.REFUNDED, 0, 0)
    assert page_of(begun).refunded == 3500
