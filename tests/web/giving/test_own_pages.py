"""The slip, one's gifts, and the letters that lead there."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from abonde.matching.amounts import Cents
from abonde.notifications.letters import write
from abonde.notifications.models import Letter
from abonde.organisations.models import Role
from abonde.payments.actions import refund_payment, start_payment, take_report
from abonde.payments.provider import Report, Standing
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from abonde.sandbox.states import Choice
from tests.factories import a_person, a_pledge, a_project, a_settled_gift, an_agent
from tests.web.giving.conftest import Browser
from tests.web.giving.worlds import Given, given, here, plain_round, settled

pytestmark = pytest.mark.usefixtures("database")


def slip(browser: Browser, made: Given) -> str:
    response = browser(made.person).get(reverse("thank-you", args=[made.pledge.pk]))
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_the_slip_says_what_was_given_and_what_it_brings(browser: Browser) -> None:
    made = settled()
    for project in made.projects:
        a_settled_gift(project, 2000)
    shown = slip(browser, made)
    for words in (
        "Thank you!",
        "Grainothèque",
        "€10.00",
        "€25.00",
        "€35.00",
        f"{made.pledge.pk.hex[:4]} {made.pledge.pk.hex[4:8]}".upper(),
        "from the fund today",
        "an estimate of this moment",
        "falls when others receive more support",
        "counts: the fund adds to your gifts",
        made.person.name,
        made.round.host.name,
        "no tax receipt",
        "What comes next",
        f"{made.round.objection_days} days are left for objections",
        "data-print hidden",
        f"http://127.0.0.1:8000{reverse('round', args=[made.round.slug])}",
    ):
        assert words in shown


def test_the_thanks_are_passed_on_by_plain_links(browser: Browser) -> None:
    made = settled()
    shown = slip(browser, made)
    address = f"http%3A%2F%2F127.0.0.1%3A8000%2Fcampagnes%2F{made.round.slug}%2F"
    assert re.search(rf'href="mailto:\?subject=[^"]+&amp;body=[^"]+{address}"', shown)
    assert re.search(rf'href="sms:\?&amp;body=[^"]+{address}"', shown)
    Round.objects.filter(pk=made.round.pk).update(state=RoundState.CLOSED)
    assert "sms:" not in slip(browser, made), "once nobody can give any more, there is nothing to pass on"


def test_without_a_voice_the_slip_says_that_nothing_is_added(browser: Browser) -> None:
    shown = slip(browser, settled(voice=False))
    assert "Not topped up" in shown
    assert reverse("my-voice") in shown
    assert "from the fund today" not in shown


def test_the_slip_after_the_result_leads_to_it(browser: Browser) -> None:
    made = settled()
    for state in (RoundState.CLOSED, RoundState.PROVISIONAL):
        Round.objects.filter(pk=made.round.pk).update(state=state)
    shown = slip(browser, made)
    assert reverse("results", args=[made.round.slug]) in shown
    assert "an estimate" not in shown


def test_a_slip_without_money_leads_to_its_payment_or_basket(browser: Browser) -> None:
    made = given()
    client = browser(made.person)
    response = client.get(reverse("thank-you", args=[made.pledge.pk]))
    assert here(response.headers["Location"]) == reverse("payment", args=[made.payment.pk])
    unpaid = a_pledge(made.person, {a_project(made.round): 1000})
    response = client.get(reverse("thank-you", args=[unpaid.pk]))
    assert here(response.headers["Location"]) == reverse("basket", args=[made.round.slug])


def test_the_slip_asks_few_questions_of_the_database(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = settled()
    client = browser(made.person)
    with django_assert_max_num_queries(12):
        client.get(reverse("thank-you", args=[made.pledge.pk]))


def test_what_was_refunded_and_contested_shows_on_slip_and_gifts(browser: Browser) -> None:
    made = settled()
    refund_payment(
        person=an_agent(made.round.host, Role.TREASURER),
        payment_id=made.payment.pk,
        reason="demandé",
        contributions=[made.pledge.contributions.get(amount=1000).pk],
    )
    assert "Sent back to you" in slip(browser, made)
    client = browser(made.person)
    shown = client.get(reverse("my-gifts")).content.decode()
    assert "Sent back to you" in shown
    assert "Received in all: <strong>€25</strong>" in shown
    contested = settled()
    contested.at_provider(Choice.DISPUTE)
    assert "Contested with the bank" in slip(browser, contested)
    shown = browser(contested.person).get(reverse("payment", args=[contested.payment.pk])).content.decode()
    assert "Your bank contests this payment" in shown


def test_my_gifts_round_by_round(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = a_person()
    client = browser(person)
    assert "You have not given yet" in client.get(reverse("my-gifts")).content.decode()
    first, second = plain_round(name="Première"), plain_round(name="Seconde")
    paid = [a_settled_gift(a_project(first), cents, person=person) for cents in (1000, 2000)]
    promised = a_pledge(person, {a_project(second): 3000})
    a_settled_gift(a_project(first, name="Celui d’un autre"), 5000)
    with django_assert_max_num_queries(6):
        shown = client.get(reverse("my-gifts")).content.decode()
    assert shown.index("Seconde") < shown.index("Première")
    assert "Received in all: <strong>€30</strong>" in shown
    assert "Received in all: <strong>€0</strong>" in shown
    assert "Not paid yet" in shown
    assert "Celui d’un autre" not in shown
    for pledge in (*paid, promised):
        assert reverse("thank-you", args=[pledge.pk]) in shown


@pytest.mark.parametrize("name", ["thank-you", "payment", "payment-return"])
def test_what_belongs_to_its_giver_is_shown_to_nobody_else(browser: Browser, name: str) -> None:
    made = settled()
    address = reverse(name, args=[made.pledge.pk if name == "thank-you" else made.payment.pk])
    response = browser().get(address)
    assert here(response.headers["Location"]) == f"{reverse('account_login')}?next={address}"
    agents = [an_agent(made.round.host, role) for role in (Role.MANAGER, Role.TREASURER, Role.READER)]
    parties = [an_agent(party.organisation) for party in made.round.parties.select_related("organisation")]
    for stranger in (a_person(), *agents, *parties):
        assert browser(stranger).get(address).status_code == HTTPStatus.NOT_FOUND
        assert browser(stranger).post(address).status_code in {404, 405}
    assert browser(made.person).get(address).status_code in {200, 302}


def letters_of(made: Given) -> dict[str, Letter]:
    return {letter.kind: letter for letter in Letter.objects.filter(person=made.person)}


@pytest.mark.parametrize(("language", "amount"), [("fr", "35,00\u202f€"), ("en", "€35.00")])
def test_the_letter_of_a_gift_leads_to_its_slip(language: str, amount: str) -> None:
    made = settled()
    letter = letters_of(made)["gift-settled"]
    letter.language = language
    written = write(letter)
    assert made.round.name in written.subject
    for text in (written.text, written.html):
        assert f"http://127.0.0.1:8000{reverse('thank-you', args=[made.pledge.pk])}" in text
        assert amount in text


def test_every_letter_of_payments_can_be_written() -> None:
    late, failing, twice = given(), given(), given()
    failing.at_provider(Choice.PAY_LATER)
    failing.at_provider(Choice.REFUSE)
    for state in (RoundState.CLOSED, RoundState.PROVISIONAL):
        Round.objects.filter(pk=late.round.pk).update(state=state)
    late.at_provider(Choice.PAY)
    first = start_payment(pledge=twice.pledge).payment
    twice.at_provider(Choice.ABANDON)
    second = start_payment(pledge=twice.pledge).payment
    for attempt in (second, first):  # the abandoned page was still open in another tab
        report = Report(standing=Standing.SETTLED, amount=Cents(attempt.amount))
        take_report(payment_id=attempt.pk, report=report)
    refunded = settled()
    refund_payment(
        person=an_agent(refunded.round.host, Role.TREASURER),
        payment_id=refunded.payment.pk,
        reason="Erreur <b>",
    )
    returned = settled()
    returned.at_provider(Choice.SEND_BACK)
    for made, kind, words in (
        (late, "gift-too-late", reverse("my-gifts")),
        (failing, "gift-failed", reverse("payment", args=[failing.payment.pk])),
        (twice, "gift-paid-twice", reverse("thank-you", args=[twice.pledge.pk])),
        (refunded, "gift-refunded", "Erreur"),
        (returned, "gift-returned", reverse("thank-you", args=[returned.pledge.pk])),
    ):
        written = write(letters_of(made)[kind])
        assert words in written.text
        assert words in written.html
        assert "<b>" not in written.html
    assert "Erreur <b>" in write(letters_of(refunded)["gift-refunded"]).text


def test_many_gifts_come_page_by_page_in_few_queries(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person, project = a_person(), a_project(plain_round())
    for _ in range(25):
        a_settled_gift(project, 500, person=person)
    client = browser(person)
    with django_assert_max_num_queries(6):
        first = client.get(reverse("my-gifts")).content.decode()
    second = client.get(reverse("my-gifts"), {"page": "2"}).content.decode()
    assert [page.count("See the slip and the payment") for page in (first, second)] == [20, 5]
    assert "€125" in first, "all that was received in the round, whatever the page shows of it"
    assert "€125" in second


def test_the_letter_names_the_reference_of_the_slip() -> None:
    made = settled()
    letter = Letter.objects.get(person=made.person, kind="gift-settled")
    assert made.pledge.reference in write(letter).text
