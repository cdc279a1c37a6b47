from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from abonde.core.editing import ChangedMeanwhile
from abonde.core.transitions import NotNow
from abonde.funds.actions import (
    add_pot,
    cancel_agreement,
    edit_pot,
    open_fund,
    open_project_account,
    propose_agreement,
    receive_instalment,
    sign_agreement,
)
from abonde.funds.models import Agreement, AgreementState, Fund, Instalment, Pot
from abonde.funds.queries import (
    account_of,
    fund_of,
    fund_total,
    pots_of,
    pots_with_money,
    unsigned_agreements,
)
from abonde.ledger.queries import balance_of, check_book
from abonde.matching import Cents, Earmark
from abonde.matching.amounts import LARGEST_POT
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.models import Person
from abonde.rounds.actions import accept_party, invite_party, leave_round
from abonde.rounds.models import Challenge, Party, Round
from abonde.rounds.states import State
from tests.factories import WAY_TO, a_round, an_agent, an_organisation, the_manager

GROWING = {State.DRAFT, State.APPLICATIONS, State.SELECTION, State.GIVING}


def funder_of(made: Round) -> Organisation:
    return Party.objects.get(round=made, organisation__kind=Kind.FUNDER).organisation


def the_pot(made: Round) -> Pot:
    return Pot.objects.filter(fund__round=made).order_by("pk")[0]


def promised(made: Round, cents: int = 5_000, **more: object) -> Agreement:
    return propose_agreement(
        person=the_manager(made.host),
        pot=the_pot(made),
        funder=funder_of(made),
        amount=Cents(cents),
        **more,  # type: ignore[arg-type]
    )


def signed(agreement: Agreement) -> Agreement:
    return sign_agreement(person=the_manager(agreement.funder), agreement_id=agreement.pk)


def test_only_what_is_signed_counts(database: None) -> None:
    made = a_round(state=State.GIVING, fund=100_000)
    proposal = promised(made)
    assert fund_total(made) == 100_000
    assert list(unsigned_agreements(funder_of(made))) == [proposal]
    assert signed(proposal) == signed(proposal)
    assert fund_total(made) == 105_000
    (pot,) = pots_of(made)
    assert pot.funders == {funder_of(made).slug: 105_000}
    assert not unsigned_agreements(funder_of(made)).exists()


def test_pots_are_kept_for_what_they_say(database: None) -> None:
    made = a_round(state=State.DRAFT)
    manager, funder = the_manager(made.host), funder_of(made)
    fund = Fund.objects.get(round=made)
    nature = made.challenges.get(key="nature")
    for challenge, place in ((nature, "26113"), (nature, ""), (None, "26108")):
        pot = add_pot(person=manager, fund=fund, name="Pour tous", challenge=challenge, place=place)
        signed(propose_agreement(person=manager, pot=pot, funder=funder, amount=Cents(100)))
    add_pot(person=manager, fund=fund, name="Vide")
    assert {pot.key: pot.earmark for pot in pots_of(made)} == {
        "fonds": Earmark(),
        "pour-tous": Earmark(challenge="nature", place="26113"),
        "pour-tous-2": Earmark(challenge="nature"),
        "pour-tous-3": Earmark(place="26108"),
    }
    assert [one.signed for one in pots_with_money(made)] == [1_000_000, 100, 100, 100, 0]


def test_a_pot_is_kept_for_challenges_and_communes_of_its_round_only(database: None) -> None:
    made, other = a_round(state=State.DRAFT), a_round(state=State.DRAFT)
    fund, manager = Fund.objects.get(round=made), the_manager(made.host)
    foreign: Challenge = other.challenges.all()[0]
    with pytest.raises(Refusal, match="challenge of this round"):
        add_pot(person=manager, fund=fund, name="x", challenge=foreign)
    with pytest.raises(Refusal, match="territory"):
        add_pot(person=manager, fund=fund, name="x", place="75056")
    with pytest.raises(Refusal, match="name"):
        add_pot(person=manager, fund=fund, name=" ")


@pytest.mark.parametrize("state", [state for state in WAY_TO if state != State.CANCELLED])
def test_a_fund_grows_until_giving_ends(database: None, state: State) -> None:
    made = a_round(state=state)
    if state in GROWING:
        signed(promised(made))
        assert fund_total(made) == 1_005_000
        return
    with pytest.raises(NotNow, match="can no longer grow"):
        promised(made)
    late = Agreement.objects.create(
        pot=the_pot(made), funder=funder_of(made), amount=1, proposed_by=the_manager(made.host)
    )
    with pytest.raises(NotNow, match="can no longer grow"):
        signed(late)
    with pytest.raises(DatabaseError, match="can no longer grow"), transaction.atomic():
        Agreement.objects.filter(pk=late.pk).update(
            state=AgreementState.SIGNED, signed_at="2026-01-01T00:00Z", signed_by=the_manager(late.funder)
        )


@pytest.mark.parametrize("cents", [0, -1, LARGEST_POT + 1, 10**18])
def test_impossible_amounts_are_refused(database: None, cents: int) -> None:
    with pytest.raises(Refusal):
        promised(a_round(state=State.DRAFT, fund=1), cents)


@pytest.mark.parametrize("parts", [[2_000, 2_000], [5_001, -1], [5_000, 0], [2_500, 2_501]])
def test_instalments_add_up_to_the_agreement(database: None, parts: list[int]) -> None:
    made = a_round(state=State.DRAFT)
    with pytest.raises(Refusal, match="add up"):
        promised(made, instalments=[(Cents(part), date(2030, 1, 1)) for part in parts])


def strangers(made: Round) -> list[Person]:
    return [
        the_manager(an_organisation(Kind.HOST)),
        the_manager(an_organisation(Kind.FUNDER)),
        an_agent(made.host, Role.REVIEWER),
        an_agent(funder_of(made), Role.READER),
    ]


def test_who_may_do_what_with_money(database: None) -> None:
    made = a_round(state=State.DRAFT)
    agreement = promised(made)
    instalment = agreement.instalments.get()
    for person in strangers(made):
        with pytest.raises(NotAllowed):
            propose_agreement(person=person, pot=the_pot(made), funder=funder_of(made), amount=Cents(1))
        with pytest.raises(NotAllowed):
            cancel_agreement(person=person, agreement_id=agreement.pk)
        with pytest.raises(NotAllowed):
            receive_instalment(person=person, instalment_id=instalment.pk)
        with pytest.raises(NotAllowed):
            add_pot(person=person, fund=Fund.objects.get(round=made), name="x")
    for person in (the_manager(made.host), an_agent(funder_of(made), Role.MANAGER, second_factor=False)):
        with pytest.raises(NotAllowed):
            sign_agreement(person=person, agreement_id=agreement.pk)


def test_only_who_takes_part_promises(database: None) -> None:
    made = a_round(state=State.DRAFT)
    invited = an_organisation(Kind.FUNDER)
    invite_party(person=the_manager(made.host), round=made, organisation=invited)
    with pytest.raises(NotNow, match="accept its part"):
        propose_agreement(person=the_manager(invited), pot=the_pot(made), funder=invited, amount=Cents(100))


def test_a_proposal_is_taken_back_and_a_signature_is_not(database: None) -> None:
    made = a_round(state=State.DRAFT)
    proposal = promised(made)
    taken_back = cancel_agreement(person=the_manager(made.host), agreement_id=proposal.pk)
    assert cancel_agreement(person=the_manager(made.host), agreement_id=proposal.pk) == taken_back
    with pytest.raises(NotNow):
        signed(proposal)
    kept = signed(promised(made))
    with pytest.raises(NotNow):
        cancel_agreement(person=the_manager(kept.funder), agreement_id=kept.pk)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Agreement.objects.filter(pk=kept.pk).update(amount=1)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Pot.objects.filter(pk=kept.pot_id).update(place="26113")
    with pytest.raises(NotNow, match="it stays"):
        leave_round(
            person=the_manager(kept.funder),
            party_id=Party.objects.get(round=made, organisation=kept.funder).pk,
        )


def test_an_instalment_is_written_in_the_book_once(database: None) -> None:
    made = a_round(state=State.GIVING, fund=100_000)
    treasurer = an_agent(made.host, Role.TREASURER)
    instalment = Agreement.objects.get(pot=the_pot(made)).instalments.get()
    receive_instalment(person=treasurer, instalment_id=instalment.pk)
    with pytest.raises(NotNow):
        receive_instalment(person=treasurer, instalment_id=instalment.pk)
    fund = fund_of(made)
    assert fund is not None
    assert balance_of(account_of(made, "bank")) == balance_of(the_pot(made).account) == 100_000
    assert check_book(fund.book).faults == ()
    assert pots_with_money(made)[0].received == 100_000
    with pytest.raises(DatabaseError, match="written in the book"), transaction.atomic():
        Instalment.objects.filter(pk=instalment.pk).update(amount=1)


def test_what_nobody_has_signed_does_not_come_in(database: None) -> None:
    made = a_round(state=State.GIVING)
    with pytest.raises(NotNow, match="has not signed"):
        receive_instalment(person=the_manager(made.host), instalment_id=promised(made).instalments.get().pk)


def test_two_treasurers_at_once_write_one_entry(database: None) -> None:
    made = a_round(state=State.GIVING, fund=100_000)
    instalment = Agreement.objects.get(pot=the_pot(made)).instalments.get()
    people = [the_manager(made.host), an_agent(made.host, Role.TREASURER)]
    start, answers = threading.Barrier(2), []

    def work(person: Person) -> None:
        start.wait()
        try:
            receive_instalment(person=person, instalment_id=instalment.pk)
            answers.append("written")
        except NotNow:
            answers.append("already")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["already", "written"]
    assert balance_of(the_pot(made).account) == 100_000


def test_a_fund_and_a_project_account_are_opened_once(database: None) -> None:
    made = a_round(state=State.DRAFT, fund=0)
    manager = the_manager(made.host)
    with pytest.raises(NotNow, match="Open the fund"):
        open_project_account(round=made, key="atelier", title="Atelier")
    assert open_fund(person=manager, round=made) == open_fund(person=manager, round=made)
    first = open_project_account(round=made, key="atelier", title="Atelier")
    assert open_project_account(round=made, key="atelier", title="Other") == first


def test_a_further_funder_joins_while_people_give(database: None) -> None:
    made = a_round(state=State.GIVING, fund=100_000)
    further = an_organisation(Kind.FUNDER)
    party = invite_party(person=the_manager(made.host), round=made, organisation=further)
    accept_party(person=the_manager(further), party_id=party.pk)
    signed(propose_agreement(person=the_manager(further), pot=the_pot(made), funder=further, amount=Cents(7)))
    assert pots_of(made)[0].funders[further.slug] == 7
    closed = a_round(state=State.CLOSED)
    with pytest.raises(NotNow):
        invite_party(person=the_manager(closed.host), round=closed, organisation=further)


def test_a_pot_is_mended_until_somebody_signs_for_it(database: None) -> None:
    made = a_round(state=State.DRAFT)
    manager, food = the_manager(made.host), made.challenges.get(key="food")
    pot = add_pot(person=manager, fund=Fund.objects.get(round=made), name="Alimentation", place="26113")

    def edited(of: Pot, *, name: str, seen: int | None = None) -> Pot:
        return edit_pot(person=manager, pot_id=of.pk, seen=seen, name=name, challenge=food, place="")

    mended = edited(pot, name="Bien manger", seen=pot.version)
    assert (mended.name, mended.challenge, mended.place, mended.key) == (
        "Bien manger",
        food,
        "",
        "alimentation",
    )
    with pytest.raises(ChangedMeanwhile):
        edited(pot, name="Encore", seen=pot.version)
    with pytest.raises(NotNow, match="has signed for this pot"):
        edited(the_pot(made), name="Fonds")
    with pytest.raises(NotAllowed):
        edit_pot(
            person=the_manager(funder_of(made)), pot_id=pot.pk, seen=None, name="x", challenge=None, place=""
        )
