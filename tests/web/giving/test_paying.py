"""From the basket to the provider's page and back: whatever is clicked, and however often."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

import pytest
from django.test import override_settings
from django.urls import reverse

from abonde.giving.models import Basket, BasketLine, Contribution, ContributionState, Pledge
from abonde.payments.models import Payment
from abonde.payments.states import State
from abonde.projects.states import State as ProjectState
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from abonde.sandbox.actions import choose
from abonde.sandbox.models import Checkout
from abonde.sandbox.states import Choice
from tests.factories import a_person, a_project, a_round
from tests.web.giving.conftest import Browser
from tests.web.giving.worlds import check_out, filled, given, here, settled

pytestmark = pytest.mark.usefixtures("database")


def test_a_gift_from_the_basket_to_the_slip(browser: Browser) -> None:
    round_, person = a_round(), a_person()
    client = browser(person)
    project = filled(client, round_)
    at_provider = check_out(client, round_)
    assert at_provider.startswith("/bac-a-sable/")
    assert client.get(at_provider).status_code == HTTPStatus.OK
    payment = Payment.objects.get(pledge__person=person)
    choose(checkout_id=payment.reference, choice=Choice.PAY)  # type: ignore[arg-type]
    shown = client.get(reverse("payment-return", args=[payment.pk]), follow=True)
    assert here(shown.redirect_chain[-1][0]) == reverse("thank-you", args=[payment.pledge_id])
    assert "Thank you!" in shown.content.decode()
    assert project.name in shown.content.decode()
    assert not BasketLine.objects.filter(basket__round=round_).exists()


def test_a_double_click_makes_one_payment(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    filled(client, round_)
    assert check_out(client, round_) == check_out(client, round_)
    assert Payment.objects.filter(pledge__round=round_).count() == 1
    assert (
        Checkout.objects.filter(merchant_reference=str(Payment.objects.get(pledge__round=round_).pk)).count()
        == 1
    )


def test_going_back_after_paying_leads_to_the_slip_and_pays_nothing_more(browser: Browser) -> None:
    made = settled()
    client = browser(made.person)
    basket = made.pledge.basket
    assert basket is not None
    before = {"basket": basket.pk, "version": made.pledge.basket_version}
    assert check_out(client, made.round, **before) == reverse("thank-you", args=[made.pledge.pk])
    assert Payment.objects.filter(pledge__round=made.round).count() == 1


def test_in_two_tabs_the_older_one_is_asked_to_look_again(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    filled(client, round_)
    old = Basket.objects.get(round=round_).version
    filled(client, round_, 2000)
    address = check_out(client, round_, version=old)
    assert address == reverse("basket", args=[round_.slug])
    assert "Look at it once more, then pay" in client.get(address).content.decode()
    assert not Pledge.objects.filter(round=round_).exists()


@pytest.mark.parametrize(
    "seen",
    [{"version": "x"}, {"version": "9" * 40}, {"version": ""}, {"basket": "x"}, {"basket": str(uuid4())}],
)
def test_a_form_made_up_pledges_nothing(browser: Browser, seen: dict[str, str]) -> None:
    round_, client = a_round(), browser(a_person())
    filled(client, round_)
    address = check_out(client, round_, **seen)
    assert "has changed since this page was opened" in client.get(address).content.decode()
    assert not Pledge.objects.filter(round=round_).exists()


def test_who_has_not_logged_in_is_asked_to_and_comes_back(browser: Browser) -> None:
    round_, client = a_round(), browser()
    filled(client, round_)
    assert check_out(client, round_).endswith(f"?next={reverse('basket', args=[round_.slug])}")
    assert not Pledge.objects.filter(round=round_).exists()


def test_an_empty_basket_is_not_paid(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    response = client.post(reverse("basket-checkout", args=[round_.slug]), follow=True)
    assert "choose a project first" in response.content.decode()


def test_a_basket_kept_over_the_close_is_not_paid(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    filled(client, round_)
    Round.objects.filter(pk=round_.pk).update(state=RoundState.CLOSED)
    shown = client.get(check_out(client, round_)).content.decode()
    assert "does not take gifts at this moment" in shown
    assert BasketLine.objects.filter(basket__round=round_).count() == 1


def test_a_withdrawn_project_is_not_paid(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    project = filled(client, round_)
    filled(client, round_)
    project.state = ProjectState.WITHDRAWN
    project.save_edit(None)
    assert "has been withdrawn" in client.get(check_out(client, round_)).content.decode()
    assert not Pledge.objects.filter(round=round_).exists()


def test_where_no_payments_are_taken_nothing_is_lost(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    filled(client, round_)
    with override_settings(PAYMENT_PROVIDER=""):
        shown = client.get(check_out(client, round_)).content.decode()
    assert "does not take payments yet" in shown
    assert BasketLine.objects.filter(basket__round=round_).count() == 1
    assert check_out(client, round_).startswith("/bac-a-sable/")
    assert Pledge.objects.filter(round=round_).count() == 1


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (None, "Your payment is not finished"),
        (Choice.PAY_LATER, "Your bank is confirming"),
        (Choice.REFUSE, "The payment did not succeed"),
        (Choice.ABANDON, "You left the payment page"),
    ],
)
def test_where_a_payment_stands(browser: Browser, choice: Choice | None, words: str) -> None:
    made = given()
    if choice is not None:
        made.at_provider(choice)
    shown = browser(made.person).get(reverse("payment", args=[made.payment.pk])).content.decode()
    assert words in shown
    assert ('http-equiv="refresh"' in shown) == (choice in {None, Choice.PAY_LATER})
    assert "Grainothèque" in shown
    assert "€35" in shown


def test_a_visitor_may_stop_the_page_from_looking_again(browser: Browser) -> None:
    made = given()
    address = reverse("payment", args=[made.payment.pk])
    assert "refresh" not in browser(made.person).get(f"{address}?calme=1").content.decode()


def test_a_refused_payment_is_tried_again_with_the_same_pledge(browser: Browser) -> None:
    made = given()
    made.at_provider(Choice.REFUSE)
    client, address = browser(made.person), reverse("payment", args=[made.payment.pk])
    assert "Try again" in client.get(address).content.decode()
    response = client.post(address)
    assert here(response.headers["Location"]).startswith("/bac-a-sable/")
    second = Payment.objects.get(pledge=made.pledge, state=State.CREATED)
    assert client.post(address).headers["Location"] == response.headers["Location"]
    choose(checkout_id=second.reference, choice=Choice.PAY)  # type: ignore[arg-type]
    client.get(reverse("payment-return", args=[second.pk]))
    assert set(made.pledge.contributions.values_list("state", flat=True)) == {ContributionState.SETTLED}
    thanks = reverse("thank-you", args=[made.pledge.pk])
    assert client.get(address).headers["Location"] == thanks, "the failed attempt leads there too"
    assert client.post(address).headers["Location"] == thanks


def test_after_the_close_a_refused_payment_is_not_tried_again(browser: Browser) -> None:
    made = given()
    made.at_provider(Choice.REFUSE)
    Round.objects.filter(pk=made.round.pk).update(state=RoundState.CLOSED)
    client, address = browser(made.person), reverse("payment", args=[made.payment.pk])
    shown = client.get(address).content.decode()
    assert "can no longer be tried again" in shown
    assert "Try again" not in shown
    assert "does not take gifts" in client.post(address, follow=True).content.decode()
    assert Payment.objects.filter(pledge=made.pledge).count() == 1


def test_a_provider_that_does_not_answer_is_asked_later(browser: Browser) -> None:
    made = given()
    Payment.objects.filter(pk=made.payment.pk).update(reference=str(uuid4()))
    shown = browser(made.person).get(reverse("payment-return", args=[made.payment.pk]), follow=True)
    assert shown.status_code == HTTPStatus.OK
    assert "We go on asking" in shown.content.decode()


def test_coming_back_twice_settles_once(browser: Browser) -> None:
    made = given()
    choose(checkout_id=made.payment.reference, choice=Choice.PAY)  # type: ignore[arg-type]
    client = browser(made.person)
    for _ in range(2):
        client.get(reverse("payment-return", args=[made.payment.pk]))
    assert sum(Contribution.objects.filter(pledge=made.pledge).values_list("amount", flat=True)) == 3500
    assert made.projects[0].total.received == 1000


def test_no_address_of_a_form_leads_elsewhere(browser: Browser) -> None:
    """Whatever a form or an address brings along, people stay here."""
    round_, client = a_round(), browser(a_person())
    project, elsewhere = a_project(round_), "https://example.org/"
    for name in ("basket-put", "basket-take-out"):
        address = f"{reverse(name, args=[round_.slug, project.slug])}?next={elsewhere}"
        response = client.post(address, {"amount": "10", "next": elsewhere}, headers={"referer": elsewhere})
        assert response.headers["Location"].startswith(reverse("basket", args=[round_.slug]))
    filled(client, round_)
    assert check_out(client, round_, next=elsewhere).startswith("/bac-a-sable/")


def test_a_page_that_waits_is_drawn_again_only_once_something_changed(browser: Browser) -> None:
    made = given()
    made.at_provider(Choice.PAY_LATER)
    client, address = browser(made.person), reverse("payment", args=[made.payment.pk])
    page = client.get(address).content.decode()
    assert f'hx-get="{address}?etat=pending-5"' in page
    assert '<li class="steps__one steps__one--current"' in page
    piece = {"HX-Request": "true"}
    unchanged = client.get(address, {"etat": "pending-5"}, headers=piece)
    assert unchanged.status_code == HTTPStatus.NO_CONTENT
    assert "HX-Refresh" not in unchanged.headers
    assert client.get(address, {"etat": "pending-60"}, headers=piece).headers["HX-Refresh"] == "true"
    Payment.objects.filter(pk=made.payment.pk).update(state=State.PAID)
    assert client.get(address, {"etat": "pending-5"}, headers=piece).headers["HX-Refresh"] == "true"
    calm = client.get(address, {"calme": "1"}).content.decode()
    assert "hx-get" not in calm
    assert 'http-equiv="refresh"' not in calm
