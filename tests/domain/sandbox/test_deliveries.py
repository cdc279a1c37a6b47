"""Notifications as they really travel: a worker, HTTP, and a merchant who listens or does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from abonde.core.clock import present_time
from abonde.matching.amounts import Cents
from abonde.payments.adapters.sandbox import Sandbox
from abonde.payments.provider import Forged
from abonde.sandbox.actions import choose, open_checkout, refund
from abonde.sandbox.addresses import ForeignAddress, require_own_address
from abonde.sandbox.models import Checkout, Delivery, Manner
from abonde.sandbox.states import Choice, State
from abonde.sandbox.telling import TRIES, deliver_due
from tests.domain.sandbox.worlds import SECRET, Merchant, a_checkout, work

WHILE = timedelta(seconds=1)


def deliveries(checkout: Checkout) -> list[Delivery]:
    return list(Delivery.objects.filter(happening__checkout=checkout))


def test_the_merchant_hears_of_a_payment_and_knows_the_sandbox_by_its_signature(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY)
    work(until=lambda: len(merchant.heard) == 1)
    (heard,) = merchant.heard
    assert heard.headers[":path"] == "/paiements/avis/sandbox/?from=sandbox"
    assert heard.headers["content-type"] == "application/json"
    assert set(heard.told) == {"id", "type", "checkout"}
    assert (heard.told["type"], heard.told["checkout"]) == ("checkout.paid", str(checkout.pk))
    hint = Sandbox(secret=SECRET).notify(heard.headers, heard.body)
    assert (hint.event_id, hint.reference) == (heard.told["id"], str(checkout.pk))
    with pytest.raises(Forged):
        Sandbox(secret=SECRET[::-1]).notify(heard.headers, heard.body)


def test_every_change_is_told_under_an_id_of_its_own(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    for choice in (Choice.PAY, Choice.DISPUTE, Choice.WIN):
        choose(checkout_id=checkout.pk, choice=choice)
    refund(checkout_id=checkout.pk, merchant_key=str(checkout.pk), amount=checkout.amount)
    work(until=lambda: len(merchant.heard) == 4)
    assert sorted(merchant.types) == [
        "checkout.dispute_won",
        "checkout.disputed",
        "checkout.paid",
        "checkout.refunded",
    ]
    assert len({heard.told["id"] for heard in merchant.heard}) == 4


def test_twice(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY, manner=Manner.TWICE)
    work(until=lambda: len(merchant.heard) == 2)
    first, second = merchant.heard
    assert first.told == second.told


def test_late(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY, manner=Manner.LATE, delay=WHILE)
    work()
    assert merchant.heard == []
    work(until=lambda: len(merchant.heard) == 1)
    (delivery,) = deliveries(checkout)
    checkout.refresh_from_db()
    assert delivery.delivered_at is not None
    assert checkout.paid_at is not None
    assert delivery.delivered_at - checkout.paid_at >= WHILE


def test_in_the_wrong_order(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY, manner=Manner.OUT_OF_ORDER, delay=WHILE)
    work(until=lambda: len(merchant.heard) == 2)
    assert merchant.types == ["checkout.paid", "checkout.open"]


def test_never(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY, manner=Manner.NEVER)
    other = a_checkout(notice_address=merchant.address)
    choose(checkout_id=other.pk, choice=Choice.PAY)
    work(until=lambda: len(merchant.heard) == 1)
    assert merchant.heard[0].told["checkout"] == str(other.pk)
    assert deliveries(checkout) == []
    assert Sandbox(secret=SECRET).fetch(str(checkout.pk)).standing == "settled"


def test_paid_later_by_the_clock(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY_LATER, delay=WHILE)
    work(until=lambda: merchant.types == ["checkout.pending"])
    work(until=lambda: len(merchant.heard) == 2)
    assert merchant.types == ["checkout.pending", "checkout.paid"]
    checkout.refresh_from_db()
    assert checkout.state == State.PAID
    assert checkout.due_at is not None
    assert checkout.paid_at is not None
    assert checkout.paid_at >= checkout.due_at


@pytest.mark.parametrize("status", [500, 302])
def test_a_merchant_who_does_not_take_it_is_asked_again(merchant: Merchant, status: int) -> None:
    merchant.answers = [status]
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY)
    work(until=lambda: len(merchant.heard) == 1)
    (delivery,) = deliveries(checkout)
    assert (delivery.attempts, delivery.answer, delivery.delivered_at) == (1, status, None)
    work(until=lambda: len(merchant.heard) == 2)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.answer) == (2, 200)
    assert delivery.delivered_at is not None
    assert len({heard.body for heard in merchant.heard}) == 1
    work()
    assert len(merchant.heard) == 2, "taken once, it is not posted again"


def test_nobody_is_told_for_ever(merchant: Merchant) -> None:
    checkout = a_checkout(notice_address=merchant.address)
    choose(checkout_id=checkout.pk, choice=Choice.PAY)
    merchant.answers = [500] * (TRIES + 1)
    for tries in range(1, TRIES + 2):
        deliver_due()
        (delivery,) = deliveries(checkout)
        assert delivery.attempts == len(merchant.heard) == min(tries, TRIES)
        assert tries > TRIES or delivery.due_at > present_time()
        Delivery.objects.filter(pk=delivery.pk).update(due_at=delivery.due_at - timedelta(hours=1))


def test_a_merchant_who_is_not_there_is_no_answer(database: None) -> None:
    checkout = a_checkout(notice_address="http://127.0.0.1:9/")
    choose(checkout_id=checkout.pk, choice=Choice.PAY)
    work(until=lambda: deliveries(checkout)[0].attempts == 1)
    (delivery,) = deliveries(checkout)
    assert (delivery.answer, delivery.delivered_at) == (None, None)


FOREIGN = [
    "https://example.org/avis/",
    "http://169.254.169.254/latest/",
    "http://10.0.0.1/",
    "http://127.0.0.1.example.org/",
    "http://localhost@example.org/",
    "http://someone@localhost/",
    "http://example.org#@localhost/",
    "http://dons.example.fr:8080/",
    "https://dons.example.fr/",
    "http://0.0.0.0/",
    "http://[::/",
    "http://localhost:port/",
    "file:///etc/passwd",
    "//localhost/",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("address", FOREIGN)
@pytest.mark.parametrize("field", ["return_address", "notice_address"])
def test_no_page_leads_and_no_notification_goes_to_a_foreign_host(
    database: None, address: str, field: str
) -> None:
    more = {"return_address": "http://localhost/", "notice_address": "http://localhost/", field: address}
    with override_settings(PUBLIC_URL="http://dons.example.fr"), pytest.raises(ForeignAddress):
        open_checkout(merchant_reference="foreign", label="Dons", amount=Cents(100), **more)
    assert not Checkout.objects.filter(merchant_reference="foreign").exists()


def test_an_address_that_became_foreign_is_not_posted_to(merchant: Merchant) -> None:
    with override_settings(PUBLIC_URL="https://former.example.fr"):
        checkout = a_checkout(notice_address="https://former.example.fr/avis/")
    choose(checkout_id=checkout.pk, choice=Choice.PAY)
    (delivery,) = deliveries(checkout)
    work()
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.answer, delivery.delivered_at) == (1, None, None)
    assert merchant.heard == []


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8000/avis/",
        "http://127.0.0.1/avis/",
        "http://[::1]:8000/avis/",
        "https://dons.example.fr/avis/",
        "https://dons.example.fr:443/avis/",
        "https://DONS.example.fr/avis/",
    ],
)
def test_this_machine_and_this_site_are_spoken_to(address: str) -> None:
    with override_settings(PUBLIC_URL="https://dons.example.fr"):
        assert require_own_address(address).path == "/avis/"
