"""The sandbox's pages, as the person sees them who is sent there to pay."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from abonde.matching.amounts import Cents
from abonde.sandbox.actions import choose, refund
from abonde.sandbox.models import Checkout, Delivery, Manner
from abonde.sandbox.states import WHY_NOT, Choice, State
from tests.domain.sandbox.worlds import a_checkout

pytestmark = pytest.mark.usefixtures("database")

QUICKLY = {"manner": "at_once", "delay": "10"}


@pytest.fixture
def visitor() -> Client:
    """Nobody in particular, who reads English, as the sentences stand in the code."""
    return Client(headers={"accept-language": "en"}, enforce_csrf_checks=False)


def page_of(checkout: Checkout, name: str = "sandbox-checkout") -> str:
    return reverse(name, args=[checkout.pk])


def buttons(client: Client, address: str) -> list[str]:
    return re.findall(r'name="choice" value="(\w+)"', client.get(address).content.decode())


def state_of(checkout: Checkout) -> str:
    return Checkout.objects.get(pk=checkout.pk).state


def test_the_page_says_what_is_paid_and_that_nothing_is_real(visitor: Client) -> None:
    page = visitor.get(page_of(a_checkout()))
    words = page.content.decode()
    assert page.status_code == 200
    assert "This is a make-believe payment: no money moves." in words
    assert "Dons aux projets de la vallée" in words
    assert "€25.00" in words
    assert "no-store" in page.headers["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in words
    assert "<script" not in words


def test_a_label_is_words_not_markup(visitor: Client) -> None:
    checkout = a_checkout()
    label = "<script>alert('à vous')</script>"
    Checkout.objects.filter(pk=checkout.pk).update(label=label)
    words = visitor.get(page_of(checkout)).content.decode()
    assert escape(label) in words
    assert label not in words


@pytest.mark.parametrize(
    ("choice", "state"),
    [("pay", "paid"), ("pay_later", "pending"), ("refuse", "refused"), ("abandon", "abandoned")],
)
def test_a_choice_is_made_and_leads_back_to_the_merchant(visitor: Client, choice: str, state: str) -> None:
    checkout = a_checkout()
    assert buttons(visitor, page_of(checkout)) == ["pay", "pay_later", "refuse", "abandon"]
    answer = visitor.post(page_of(checkout), {"choice": choice, **QUICKLY})
    assert (answer.status_code, answer.headers["Location"]) == (302, checkout.return_address)
    assert state_of(checkout) == state


def test_manner_and_delay_go_along(visitor: Client) -> None:
    checkout = a_checkout()
    visitor.post(page_of(checkout), {"choice": "pay_later", "manner": "twice", "delay": "600"})
    checkout.refresh_from_db()
    assert (checkout.manner, checkout.delay) == (Manner.TWICE, timedelta(minutes=10))
    assert Delivery.objects.filter(happening__checkout=checkout).count() == 2


def test_a_second_visit_pays_now(visitor: Client) -> None:
    checkout = a_checkout()
    visitor.post(page_of(checkout), {"choice": "pay_later", "manner": "at_once", "delay": "600"})
    page = visitor.get(page_of(checkout)).content.decode()
    assert "Pay now" in page
    assert "will be paid at" in page
    assert buttons(visitor, page_of(checkout)) == ["pay", "refuse"]
    visitor.post(page_of(checkout), {"choice": "pay", **QUICKLY})
    assert state_of(checkout) == State.PAID


def test_whoever_left_may_come_back_and_pay(visitor: Client) -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=Choice.ABANDON)
    assert buttons(visitor, page_of(checkout)) == ["pay"]


def test_a_double_click_leads_back_as_the_first_did(visitor: Client) -> None:
    checkout = a_checkout()
    for _ in range(2):
        answer = visitor.post(page_of(checkout), {"choice": "pay", **QUICKLY})
        assert answer.headers["Location"] == checkout.return_address
    assert Delivery.objects.filter(happening__checkout=checkout).count() == 1


def test_an_old_page_is_told_why_it_comes_too_late(visitor: Client) -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=Choice.REFUSE)
    answer = visitor.post(page_of(checkout), {"choice": "pay", **QUICKLY})
    assert answer.status_code == 200
    assert WHY_NOT[State.REFUSED] in answer.content.decode()
    assert state_of(checkout) == State.REFUSED
    assert buttons(visitor, page_of(checkout)) == []


def test_a_dispute_and_its_decision(visitor: Client) -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=Choice.PAY)
    dispute = page_of(checkout, "sandbox-dispute")
    assert dispute == f"{page_of(checkout)}litige/"
    assert f'href="{dispute}"' in visitor.get(page_of(checkout)).content.decode()
    assert buttons(visitor, dispute) == ["dispute", "send_back"]
    answer = visitor.post(dispute, {"choice": "dispute", **QUICKLY})
    assert answer.headers["Location"] == dispute
    assert buttons(visitor, dispute) == ["win", "lose"]
    assert buttons(visitor, page_of(checkout)) == []
    visitor.post(dispute, {"choice": "lose", **QUICKLY})
    assert state_of(checkout) == State.DISPUTE_LOST
    assert buttons(visitor, dispute) == []


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("sandbox-checkout", "dispute"),
        ("sandbox-checkout", "win"),
        ("sandbox-dispute", "pay"),
        ("sandbox-dispute", "abandon"),
        ("sandbox-checkout", ""),
        ("sandbox-checkout", "steal"),
        ("sandbox-checkout", "é\x00"),
        ("sandbox-checkout", "pay" * 10_000),
    ],
)
def test_only_the_buttons_of_the_page_are_taken(visitor: Client, name: str, choice: str) -> None:
    checkout = a_checkout()
    answer = visitor.post(page_of(checkout, name), {"choice": choice, **QUICKLY})
    assert answer.status_code == 200
    assert "Choose one of the buttons." in answer.content.decode()
    assert state_of(checkout) == State.OPEN


@pytest.mark.parametrize(
    "more",
    [
        {"manner": "loudly", "delay": "10"},
        {"manner": "late", "delay": "-1"},
        {"manner": "late", "delay": "9" * 400},
        {"manner": "late", "delay": ""},
        {},
    ],
)
def test_unknown_manners_and_delays_are_not(visitor: Client, more: dict[str, str]) -> None:
    checkout = a_checkout()
    answer = visitor.post(page_of(checkout), {"choice": "pay", **more})
    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    assert '<details class="disclosure" open>' in answer.content.decode()
    assert state_of(checkout) == State.OPEN


def test_the_page_shows_what_went_back_and_what_was_told(visitor: Client) -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=Choice.PAY)
    refund(checkout_id=checkout.pk, merchant_key=str(checkout.pk), amount=Cents(500))
    words = visitor.get(page_of(checkout)).content.decode()
    assert "€5.00 sent back" in words
    assert words.count("leaves at") == 2


@pytest.mark.parametrize("name", ["sandbox-checkout", "sandbox-dispute"])
def test_where_there_is_no_sandbox_there_is_no_page(visitor: Client, name: str) -> None:
    checkout = a_checkout()
    with override_settings(SANDBOX_SECRET=""):
        assert visitor.get(page_of(checkout, name)).status_code == 404
        assert visitor.post(page_of(checkout, name), {"choice": "pay", **QUICKLY}).status_code == 404
    assert state_of(checkout) == State.OPEN
    assert visitor.get(reverse(name, args=[uuid4()])).status_code == 404


def test_a_form_of_another_site_is_not_taken() -> None:
    checkout = a_checkout()
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(page_of(checkout), {"choice": "pay", **QUICKLY}).status_code == 403
    assert state_of(checkout) == State.OPEN


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_taken(visitor: Client, method: str) -> None:
    assert getattr(visitor, method)(page_of(a_checkout())).status_code == 405


def test_the_page_asks_little_of_the_database(
    visitor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=Choice.PAY, manner=Manner.TWICE)
    with django_assert_max_num_queries(2):
        visitor.get(page_of(checkout))
