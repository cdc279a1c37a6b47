"""The host's payments: finding one, its giver, sending gifts back."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from abonde.giving.models import ContributionState
from abonde.organisations.models import Kind, Role
from abonde.payments.models import Payment, Refund
from abonde.payments.states import State
from abonde.sandbox.states import Choice
from abonde.web.giving.treasury import waiting_for
from tests.factories import a_person, an_agent, an_organisation, the_manager
from tests.web.giving.conftest import Browser
from tests.web.giving.worlds import Given, given, settled

pytestmark = pytest.mark.usefixtures("database")


def listing(made: Given) -> str:
    return reverse("round-payments", args=[made.round.host.slug, made.round.slug])


def detail(made: Given, name: str = "round-payment") -> str:
    return reverse(name, args=[made.round.host.slug, made.round.slug, made.payment.pk])


def treasurer(browser: Browser, made: Given) -> Client:
    return browser(an_agent(made.round.host, Role.TREASURER))


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def found(client: Client, made: Given, **query: str) -> bool:
    response = client.get(listing(made), query)
    assert response.status_code == HTTPStatus.OK
    return detail(made) in response.content.decode()


def test_the_list_counts_and_names_no_giver(browser: Browser) -> None:
    made = settled()
    given(round_=made.round)
    client = treasurer(browser, made)
    shown = page(client, listing(made))
    for words in ("received in 1 payment", "in 1 payment under way", "€35", detail(made), "2 payments"):
        assert words in shown
    assert str(made.person.email) not in shown
    assert made.person.name not in shown
    rooms = page(client, reverse("payment-rounds", args=[made.round.host.slug]))
    assert listing(made) in rooms
    assert "2 payments" in rooms


def test_a_payment_is_found_by_any_of_its_names(browser: Browser) -> None:
    made = settled()
    client = treasurer(browser, made)
    made.payment.refresh_from_db()
    slip = made.pledge.pk.hex
    for written in (
        f"{slip[:4]} {slip[4:8]}".upper(),
        slip[:4],
        slip,
        str(made.pledge.pk),
        str(made.payment.pk),
        made.payment.pk.hex[:12],
        f"  {made.payment.reference}  ",
    ):
        assert found(client, made, q=written), written
    for written in ("zzzz", slip[:3], "%", "x" * 199, "é" * 20, "' or 1=1 --"):
        assert not found(client, made, q=written), written
    assert found(client, made, state="settled")
    assert not found(client, made, state="disputed")
    assert not found(client, made, state="disputed", q=slip)
    for odd in (
        {"state": "x"},
        {"q": "\0"},
        {"q": "x" * 300},
        {"page": "x"},
        {"page": "-1"},
        {"page": "9" * 30},
    ):
        assert client.get(listing(made), odd).status_code == HTTPStatus.OK


def test_the_list_asks_the_same_few_questions_however_long(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = settled()
    for _ in range(4):
        given(round_=made.round)
    client = treasurer(browser, made)
    with django_assert_max_num_queries(12):
        client.get(listing(made))


def test_one_payment_with_giver_gifts_and_history(browser: Browser) -> None:
    made = settled()
    shown = page(treasurer(browser, made), detail(made))
    for words in (
        str(made.person.email),
        made.person.name,
        "Grainothèque",
        "€35.00",
        "The giver began to pay",
        "the gifts count",
        "Send gifts back",
    ):
        assert words in shown


def test_gifts_go_back_once_confirmed_and_only_those_ticked(browser: Browser) -> None:
    made = settled()
    client, address = treasurer(browser, made), detail(made, "round-payment-refund")
    small, large = made.pledge.contributions.order_by("amount")
    form = {"lines": [small.pk], "reason": "Don en double"}
    question = client.post(address, form).content.decode()
    for words in (
        "Send €10.00 back?",
        "What will happen",
        "cannot be undone",
        "The others stay",
        "Don en double",
    ):
        assert words in question
    assert not Refund.objects.filter(payment=made.payment).exists()
    done = client.post(address, {**form, "confirmed": "True"}, follow=True).content.decode()
    assert "€10.00 go back to the giver" in done
    assert "Don en double" in done
    again = client.post(address, {**form, "confirmed": "True"}).content.decode()
    assert "Select a valid choice" in again, "a second click finds that the gift is gone"
    assert Refund.objects.get(payment=made.payment).amount == 1000
    question = client.post(address, {"lines": [large.pk], "reason": "Tout"}).content.decode()
    assert "All gifts of this payment" in question
    client.post(address, {"lines": [large.pk], "reason": "Tout", "confirmed": "True"})
    assert Payment.objects.get(pk=made.payment.pk).state == State.REFUNDED
    shown = client.post(address, {"lines": [large.pk], "reason": "Tout", "confirmed": "True"}, follow=True)
    assert "already been sent back" in shown.content.decode()
    assert Refund.objects.filter(payment=made.payment).count() == 2


@pytest.mark.parametrize(
    ("lines", "reason", "sentence"),
    [
        ([], "raison", "Tick at least one gift"),
        (["0"], "raison", "Select a valid choice"),
        (["x"], "raison", "Select a valid choice"),
        (None, "", "Fill this in."),
        (None, "   ", "Fill this in."),
        (None, "a\0b", "Null characters are not allowed"),
        (None, "x" * 501, "at most 500"),
    ],
)
def test_a_refund_that_cannot_be_asked_keeps_what_was_typed(
    browser: Browser, lines: list[str] | None, reason: str, sentence: str
) -> None:
    made = settled()
    every = [str(pk) for pk in made.pledge.contributions.values_list("pk", flat=True)]
    form = {"lines": every if lines is None else lines, "reason": reason, "confirmed": "True"}
    response = treasurer(browser, made).post(detail(made, "round-payment-refund"), form)
    assert response.status_code == HTTPStatus.OK
    assert sentence in response.content.decode()
    if reason == "raison":
        assert "raison</textarea>" in response.content.decode()
    assert not Refund.objects.filter(payment=made.payment).exists()


def test_gifts_of_another_payment_are_not_sent_back(browser: Browser) -> None:
    made, other = settled(), settled()
    theirs = list(other.pledge.contributions.values_list("pk", flat=True))
    form = {"lines": theirs, "reason": "non", "confirmed": "True"}
    response = treasurer(browser, made).post(detail(made, "round-payment-refund"), form)
    assert "Select a valid choice" in response.content.decode()
    assert set(other.pledge.contributions.values_list("state", flat=True)) == {ContributionState.SETTLED}


def test_contested_payments_wait_for_the_treasurer(browser: Browser) -> None:
    made = settled()
    host = made.round.host
    agent = an_agent(host, Role.TREASURER)
    assert waiting_for(host, agent) == []
    made.at_provider(Choice.DISPUTE)
    client = browser(agent)
    dashboard = page(client, reverse("workspace", args=[host.slug]))
    assert "1 contested payment in Notre vallée" in dashboard
    assert found(client, made, state="disputed")
    shown = page(client, detail(made))
    assert "bank contests this payment" in shown
    assert "Send gifts back" not in shown
    assert waiting_for(host, an_agent(host, Role.REVIEWER)) == []


def test_of_an_account_that_was_deleted_no_name_is_kept(browser: Browser) -> None:
    made = settled()
    address = made.person.email
    made.person.email, made.person.name = None, ""
    made.person.deleted_at = made.payment.created_at
    made.person.save()
    shown = page(treasurer(browser, made), detail(made))
    assert "The account was deleted" in shown
    assert str(address) not in shown


def test_who_may_see_the_payments_of_a_host(browser: Browser) -> None:
    """Its managers and treasurers; everybody else sees a refusal, or nothing at all."""
    made = settled()
    host = made.round.host
    parties = {
        one.organisation.kind: one.organisation for one in made.round.parties.select_related("organisation")
    }
    expected = {
        "anonymous": (None, 302),
        "stranger": (a_person(), 404),
        "giver": (made.person, 404),
        "manager": (the_manager(host), 200),
        "treasurer": (an_agent(host, Role.TREASURER), 200),
        "reviewer": (an_agent(host, Role.REVIEWER), 403),
        "reader": (an_agent(host, Role.READER), 403),
        "without proof": (an_agent(host, Role.TREASURER, second_factor=False), 302),
        "other host": (the_manager(an_organisation(Kind.HOST)), 404),
        "certifier": (the_manager(parties[Kind.CERTIFIER]), 404),
        "funder": (the_manager(parties[Kind.FUNDER]), 404),
    }
    every = list(made.pledge.contributions.values_list("pk", flat=True))
    form = {"lines": every, "reason": "non", "confirmed": "True"}
    for role, (person, status) in expected.items():
        client = browser(person)
        for address in (listing(made), detail(made), reverse("payment-rounds", args=[host.slug])):
            assert client.get(address).status_code == status, f"{role} at {address}"
        if status != HTTPStatus.OK:
            assert client.post(detail(made, "round-payment-refund"), form).status_code == status, role
    assert not Refund.objects.filter(payment=made.payment).exists()


def test_another_host_finds_the_round_in_no_workspace_of_its_own(browser: Browser) -> None:
    made, other = settled(), settled()
    client = browser(the_manager(other.round.host))
    for name, place in (
        ("round-payments", [made.round.slug]),
        ("round-payment", [made.round.slug, made.payment.pk]),
        ("round-payment", [other.round.slug, made.payment.pk]),
        ("round-payment-refund", [other.round.slug, made.payment.pk]),
    ):
        assert client.get(reverse(name, args=[other.round.host.slug, *place])).status_code == 404
