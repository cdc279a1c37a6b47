"""Calling a round off on the host's pages, and what everybody reads afterwards."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.urls import reverse

from abonde.funds.actions import receive_instalment
from abonde.funds.models import Instalment
from abonde.organisations.models import Role
from abonde.payments.models import Refund
from abonde.payments.refunding import carry_out_refund, send_back_called_off
from abonde.rounds.actions import call_off_round
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.sandbox.states import Choice
from tests.domain.payments.test_calling_off import WHY, begun, chosen
from tests.factories import a_project, a_round, an_agent, the_code_of, the_manager
from tests.web.giving.conftest import BAR, Browser, browser

__all__ = ("browser",)
pytestmark = pytest.mark.usefixtures("database")


def test_it_says_what_will_happen_asks_why_and_for_a_proof(browser: Browser) -> None:
    round_ = a_round(fund=100_000)
    chosen(begun(round_, 2000), Choice.PAY)
    manager = the_manager(round_.host)
    receive_instalment(
        person=manager, instalment_id=Instalment.objects.get(agreement__pot__fund__round=round_).pk
    )
    client, address = browser(manager), reverse("round-call-off", args=[round_.host.slug, round_.slug])
    shown = client.get(address).content.decode()
    assert "1 payment, €20 in all" in shown
    assert "€1,000 that funders have paid" in shown
    shown = client.post(address, {"reason": "", "code": the_code_of(manager)}).content.decode()
    assert "Say why: people gave" in shown
    shown = client.post(address, {"reason": WHY, "code": "000000"}).content.decode()
    assert WHY in shown
    assert Round.objects.get(pk=round_.pk).state == State.GIVING


def test_afterwards_everybody_reads_why(browser: Browser) -> None:
    round_ = a_round(fund=100_000)
    project = a_project(round_)
    chosen(begun(round_, 2000), Choice.PAY)
    manager = the_manager(round_.host)
    receive_instalment(
        person=manager, instalment_id=Instalment.objects.get(agreement__pot__fund__round=round_).pk
    )
    call_off_round(person=manager, round=round_, reason=WHY)
    client = browser(manager)
    inside = reverse("workspace-round", args=[round_.host.slug, round_.slug])
    assert "0 of 1 payment sent back; still to go: €20" in client.get(inside).content.decode()
    send_back_called_off(round_id=round_.pk)
    assert "0 of 1 payment sent back; still to go: €20" in client.get(inside, headers=BAR).content.decode()
    carry_out_refund(refund_id=Refund.objects.get(payment__pledge__round=round_).pk)
    assert client.get(inside, headers=BAR)["HX-Refresh"] == "true"
    shown = client.get(inside).content.decode()
    assert "No gift is left here: all" in shown
    assert "underway" not in shown
    assert "Send €1,000 back to" in shown
    for name, arguments in (
        ("round", [round_.slug]),
        ("project", [round_.slug, project.slug]),
        ("basket", [round_.slug]),
    ):
        page = browser().get(reverse(name, args=arguments))
        assert page.status_code == (HTTPStatus.GONE if name == "basket" else HTTPStatus.OK)
        assert "called off" in page.content.decode().lower()
    assert WHY in browser().get(reverse("round", args=[round_.slug])).content.decode()
    treasurer = browser(an_agent(round_.host, Role.TREASURER))
    assert "is to go back to" in treasurer.get(reverse("workspace", args=[round_.host.slug])).content.decode()
    instalment = Instalment.objects.get(agreement__pot__fund__round=round_)
    back = reverse("instalment-returned", args=[round_.host.slug, round_.slug, instalment.pk])
    assert "Have you sent €1,000.00 back?" in treasurer.get(back).content.decode()
    assert "Written in the " in treasurer.post(back, follow=True).content.decode()
    assert "Send €1,000 back to" not in client.get(inside).content.decode()


@pytest.mark.parametrize("role", [Role.TREASURER, Role.REVIEWER, Role.READER])
def test_other_roles_do_not_call_off(browser: Browser, role: Role) -> None:
    round_ = a_round()
    address = reverse("round-call-off", args=[round_.host.slug, round_.slug])
    assert browser(an_agent(round_.host, role)).get(address).status_code == HTTPStatus.FORBIDDEN
    assert browser(the_manager(a_round().host)).get(address).status_code == HTTPStatus.NOT_FOUND
