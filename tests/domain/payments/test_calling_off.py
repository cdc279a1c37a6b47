"""A round is called off: all money goes back whence it came, once, whatever happens in between."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from abonde.core.transitions import NotNow
from abonde.funds.actions import receive_instalment, return_instalment
from abonde.funds.models import Instalment
from abonde.funds.queries import due_instalments, owed_instalments
from abonde.giving.models import Contribution, ContributionState
from abonde.giving.queries import totals_of
from abonde.ledger.models import Account
from abonde.ledger.queries import balance_of, check_book
from abonde.matching.refusal import Refusal
from abonde.notifications.models import Letter
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed
from abonde.payments.actions import check_payment, start_payment
from abonde.payments.models import Payment, Refund
from abonde.payments.queries import money_here
from abonde.payments.refunding import called_off_with_money, carry_out_refund, send_back_called_off
from abonde.payments.states import State
from abonde.rounds.actions import call_off_round
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from abonde.sandbox.actions import choose
from abonde.sandbox.models import Checkout
from abonde.sandbox.states import Choice
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice, an_agent, the_manager

pytestmark = pytest.mark.usefixtures("database")

WHY = "La commune a perdu le local."


def begun(round_: Round, cents: int = 2000) -> Payment:
    """A payment whose giver is on the provider's page."""
    person = a_person()
    a_voice(person, round_)
    return start_payment(pledge=a_pledge(person, {a_project(round_): cents})).payment


def chosen(payment: Payment, choice: Choice) -> Payment:
    choose(checkout_id=Checkout.objects.get(merchant_reference=str(payment.pk)).pk, choice=choice)
    return check_payment(payment_id=payment.pk)


def called_off(round_: Round) -> Round:
    return call_off_round(person=the_manager(round_.host), round=round_, reason=WHY)


def test_paid_gifts_go_back_and_the_book_is_at_zero() -> None:
    round_ = a_round(fund=100_000)
    payments = [chosen(begun(round_, cents), Choice.PAY) for cents in (2000, 5000, 1234)]
    assert money_here(round_) == (3, 8234)
    called_off(round_)
    assert send_back_called_off(round_id=round_.pk) == 3
    assert send_back_called_off(round_id=round_.pk) == 0
    for payment in payments:
        payment.refresh_from_db()
        refund = Refund.objects.get(payment=payment)
        assert (payment.state, refund.amount, refund.reason) == (State.REFUNDED, payment.amount, WHY)
        carry_out_refund(refund_id=refund.pk)
        assert Checkout.objects.get(merchant_reference=str(payment.pk)).refunded == payment.amount
        assert Letter.objects.filter(kind="gift-refunded", person=payment.pledge.person).count() == 1
    assert totals_of(round_).received == 0
    assert money_here(round_) == (0, 0)
    assert called_off_with_money().count(round_.pk) == 0
    book = round_.fund.book
    assert list(check_book(book).faults) == []
    for account in Account.objects.filter(book=book, key__startswith="project:"):
        assert balance_of(account) == 0
    assert balance_of(Account.objects.get(book=book, key="clearing:sandbox")) == 0


def test_a_payment_that_arrives_afterwards_goes_back_unseen_by_the_totals() -> None:
    round_ = a_round()
    late = begun(round_)
    called_off(round_)
    late = chosen(late, Choice.PAY)
    assert late.state == State.CANCELLED
    assert Refund.objects.filter(payment=late, amount=late.amount).count() == 1
    assert Letter.objects.filter(kind="gift-called-off", person=late.pledge.person).count() == 1
    assert totals_of(round_).received == 0
    assert not Contribution.objects.filter(pledge=late.pledge, state=ContributionState.SETTLED).exists()


def test_a_dispute_that_is_won_afterwards_goes_back_by_the_hourly_job() -> None:
    round_ = a_round()
    payment = chosen(begun(round_), Choice.PAY)
    payment = chosen(payment, Choice.DISPUTE)
    called_off(round_)
    assert send_back_called_off(round_id=round_.pk) == 0
    payment = chosen(payment, Choice.WIN)
    if payment.state == State.WON:
        assert round_.pk in called_off_with_money()
        assert send_back_called_off(round_id=round_.pk) == 1
    assert Refund.objects.filter(payment=payment).count() == 1
    assert totals_of(round_).received == 0


def test_nobody_gives_to_a_round_that_is_called_off() -> None:
    round_ = a_round()
    project, person = a_project(round_), a_person()
    called_off(round_)
    project.refresh_from_db()
    with pytest.raises(Refusal), atomic():
        a_pledge(person, {project: 1000})
    round_.refresh_from_db()
    with pytest.raises(IntegrityError), atomic():
        Round.objects.filter(pk=round_.pk).update(state=RoundState.GIVING, called_off_at=None)


def test_funders_get_their_instalments_back_once() -> None:
    round_ = a_round(fund=100_000)
    instalment = Instalment.objects.get(agreement__pot__fund__round=round_)
    host = the_manager(round_.host)
    if instalment.received_at is None:
        receive_instalment(person=host, instalment_id=instalment.pk)
    with pytest.raises(NotNow, match="called off"):
        return_instalment(person=host, instalment_id=instalment.pk)
    called_off(round_)
    assert instalment in owed_instalments(round_.host)
    first = return_instalment(person=an_agent(round_.host, Role.TREASURER), instalment_id=instalment.pk)
    assert return_instalment(person=host, instalment_id=instalment.pk) == first
    assert instalment not in owed_instalments(round_.host)
    assert not due_instalments(round_.host).filter(agreement__pot__fund__round=round_).exists()
    assert balance_of(instalment.agreement.pot.account) == 0
    assert balance_of(Account.objects.get(book=round_.fund.book, key="bank")) == 0
    assert list(check_book(round_.fund.book).faults) == []


def test_everybody_concerned_is_told_once() -> None:
    round_ = a_round()
    project = a_project(round_)
    called_off(round_)
    assert Letter.objects.filter(kind="round-called-off", person=the_manager(round_.host)).count() == 1
    holder = project.holders.first()
    assert holder is not None
    assert Letter.objects.filter(kind="project-called-off", person=holder.person).count() == 1
    with pytest.raises(NotNow, match="not under way"):
        called_off(round_)


def test_only_a_manager_of_the_host_calls_off_and_says_why() -> None:
    round_ = a_round()
    for person in (an_agent(round_.host, Role.TREASURER), a_person(), the_manager(a_round().host)):
        with pytest.raises(NotAllowed):
            call_off_round(person=person, round=round_, reason=WHY)
    for reason in ("", "  ", "x" * 1001):
        with pytest.raises(Refusal):
            call_off_round(person=the_manager(round_.host), round=round_, reason=reason)
    round_.refresh_from_db()
    assert round_.state == RoundState.GIVING
