"""What changes a provisional result makes another one by itself, and says why; a late voice does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from abonde.giving.actions import rebuild_totals, refresh_person
from abonde.giving.models import Pledge, ProjectTotal, Support
from abonde.matching import PRESETS
from abonde.matching.amounts import Cents
from abonde.payments.actions import refund_payment, take_report
from abonde.payments.models import Payment
from abonde.payments.provider import Report, Standing
from abonde.people.models import Person
from abonde.projects.actions import withdraw_project
from abonde.projects.models import Project
from abonde.register.actions import revoke_certificate
from abonde.register.models import Certificate
from abonde.rounds.actions import move
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result
from abonde.settlement.models import Computation
from abonde.settlement.queries import differences, latest
from abonde.settlement.recomputing import recompute_changed
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice, the_manager

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Provisional:
    """A provisional result of two projects, with the payments that led to it."""

    round: Round
    garden: Project
    seeds: Project
    payments: list[Payment]
    first: Computation

    def report(self, payment: Payment, standing: Standing, *, refunded: int = 0) -> None:
        report = Report(standing=standing, amount=Cents(payment.amount), refunded=Cents(refunded))
        take_report(payment_id=payment.pk, report=report)

    def again(self) -> Computation | None:
        """The computation that the platform makes by itself, if it makes one."""
        return next((one for one in recompute_changed() if one.round_id == self.round.pk), None)


def paid(giver: Person, gifts: dict[Project, int]) -> Payment:
    pledge = a_pledge(giver, gifts)
    payment = Payment.objects.create(pledge=pledge, provider="sandbox", amount=pledge.amount)
    report = Report(standing=Standing.SETTLED, amount=Cents(payment.amount))
    return take_report(payment_id=payment.pk, report=report)


@pytest.fixture
def made() -> Provisional:
    round_ = a_round(written_rules=PRESETS["plain"].to_mapping())
    garden, seeds = a_project(round_, name="Jardin"), a_project(round_, name="Semences")
    payments = []
    for number in range(4):
        giver = a_person()
        a_voice(giver, round_)
        payments.append(paid(giver, {garden: 1000 + 100 * number, seeds: 2000}))
    move(round=round_, state=State.CLOSED)
    first = compute_result(round=round_, reason="Premier calcul")
    return Provisional(round_, garden, seeds, payments, first)


def test_what_did_not_change_is_not_computed_again(made: Provisional) -> None:
    assert made.again() is None
    assert latest(made.round) == made.first


def test_a_withdrawn_project_leaves_the_result_with_its_name_and_a_date(made: Provisional) -> None:
    holder = made.garden.holders.get().person
    withdraw_project(person=holder, project_id=made.garden.pk, seen=made.garden.version)
    second = made.again()
    assert second is not None
    assert (second.number, second.at > made.first.at) == (2, True)
    assert "Jardin" in second.reason
    gone, grown = sorted(differences(second), key=lambda one: one.project.name)
    assert (gone.project, gone.after, gone.received) == (made.garden, None, -4600)
    assert (grown.project, grown.is_own) == (made.seeds, False)
    assert grown.matching > 0
    page = Client().get(
        f"/campagnes/{made.round.slug}/resultats/calculs/2/", headers={"Accept-Language": "en"}
    )
    assert "The project is no longer counted." in page.content.decode()
    made.round.refresh_from_db()
    assert made.round.objections_close_at is not None
    assert made.round.objections_close_at >= second.at + timedelta(days=made.round.objection_days)
    assert made.again() is None


def test_contested_money_leaves_and_comes_back(made: Provisional) -> None:
    made.report(made.payments[0], Standing.DISPUTED)
    second = made.again()
    assert second is not None
    assert {one.persons for one in differences(second) if one.is_own} == {-1}
    made.report(made.payments[0], Standing.WON)
    third = made.again()
    assert third is not None
    assert third.fingerprint == made.first.fingerprint
    assert second.reason != third.reason
    lines = third.lines.values_list("project_id", "matching")
    assert dict(lines) == dict(made.first.lines.values_list("project_id", "matching"))


def test_refunds_of_the_host_and_of_the_provider_are_told_together(made: Provisional) -> None:
    refund_payment(person=the_manager(made.round.host), payment_id=made.payments[0].pk, reason="Erreur.")
    made.report(made.payments[1], Standing.SETTLED, refunded=made.payments[1].amount)
    second = made.again()
    assert second is not None
    assert "2" in second.reason
    assert {one.persons for one in differences(second)} == {-2}


def test_a_voice_that_is_taken_back_counts_no_more(made: Provisional) -> None:
    giver = made.payments[3].pledge.person
    certificate = Certificate.objects.get(person=giver, register=made.round.register)
    revoke_certificate(
        person=the_manager(certificate.register.owner), certificate=certificate, reason="Deux comptes"
    )
    second = made.again()
    assert second is not None
    assert {(one.received, one.persons) for one in differences(second)} == {(0, -1)}


def test_a_voice_that_is_granted_after_the_close_counts_nowhere() -> None:
    round_ = a_round(state=State.CLOSED)
    project, giver = a_project(round_), a_person()
    Support.objects.create(project=project, person=giver, cents=2000)
    a_voice(giver, round_)
    assert Support.objects.get(person=giver).eligible is False


def test_a_voice_that_came_too_late_is_out_of_every_total(made: Provisional) -> None:
    giver = made.payments[0].pledge.person
    late = Certificate.objects.filter(person=giver, register=made.round.register)
    assert made.round.giving_closes_at is not None
    late.update(granted_at=made.round.giving_closes_at)
    wrong = rebuild_totals(made.round)
    assert {one.column for one in wrong} >= {"persons", "counted", "supports"}
    assert ProjectTotal.objects.get(project=made.garden).persons == 3
    assert made.round.register is not None
    refresh_person(giver, made.round.register)
    assert rebuild_totals(made.round) == []
    late.update(granted_at=made.round.giving_closes_at - timedelta(microseconds=1))
    refresh_person(giver, made.round.register)
    assert ProjectTotal.objects.get(project=made.garden).persons == 4
    assert rebuild_totals(made.round) == []


def test_money_that_settles_after_the_close_is_matched_for_a_voice_of_before_only() -> None:
    round_ = a_round()
    project, pledges = a_project(round_), list[Pledge]()
    for _ in range(2):
        giver = a_person()
        a_voice(giver, round_)
        pledges.append(a_pledge(giver, {project: 1000}))
    Certificate.objects.filter(person=pledges[1].person).update(granted_at=round_.giving_closes_at)
    move(round=round_, state=State.CLOSED)
    for pledge in pledges:
        payment = Payment.objects.create(pledge=pledge, provider="sandbox", amount=1000)
        take_report(payment_id=payment.pk, report=Report(standing=Standing.SETTLED, amount=Cents(1000)))
    eligible = dict(Support.objects.filter(project=project).values_list("person", "eligible"))
    assert [eligible[pledge.person_id] for pledge in pledges] == [True, False]
    assert rebuild_totals(round_) == []
