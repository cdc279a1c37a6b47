"""From the close to the final result, and what is refused on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.models import Event
from abonde.core.transitions import NotNow
from abonde.funds.models import Pot
from abonde.giving.models import Support
from abonde.ledger.actions import NotEnough, post
from abonde.ledger.models import Account
from abonde.ledger.queries import balance_of, check_book
from abonde.matching import Cents
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import NotAllowed
from abonde.rounds.actions import sign_text
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import (
    ask_signatures,
    compute_result,
    decide_objection,
    finalise,
    raise_objection,
)
from abonde.settlement.computing import canonical
from abonde.settlement.models import Computation, PotLine, Ruling
from abonde.settlement.queries import (
    differences,
    explanation_of,
    latest,
    missing_signatures,
    open_objections,
    statements_of,
)
from abonde.settlement.reading import Mismatch
from tests.domain.settlement.world import World, a_person, an_organisation


def compute(world: World, reason: str = "Premier calcul", **more: bool) -> Computation:
    return compute_result(round=world.round, reason=reason, person=world.manager, **more)


def sign_for(world: World, *organisations: Organisation) -> None:
    """The managers sign, each for their organisation."""
    text = ask_signatures(person=world.manager, round=world.round)
    for organisation in organisations:
        sign_text(person=world.agents[organisation.pk], organisation=organisation, text=text)


def test_a_closed_round_becomes_provisional(world: World) -> None:
    before = present_time()
    computation = compute(world)
    assert computation.number == 1
    assert world.round.state == State.PROVISIONAL
    assert world.round.objections_close_at is not None
    days = timedelta(days=world.round.objection_days)
    assert before + days <= world.round.objections_close_at <= present_time() + days
    moved = Event.objects.get(subject_type="rounds.round", subject_id=str(world.round.pk))
    assert (moved.verb, moved.before, moved.after) == (
        "publish_result",
        {"state": "closed"},
        {"state": "provisional"},
    )
    event = Event.objects.get(subject_type="settlement.computation", subject_id=str(computation.pk))
    assert (event.actor, event.tenant) == (world.manager.actor, world.host.reference)
    assert event.after is not None
    assert event.after["fingerprint"] == computation.fingerprint


def test_the_same_inputs_make_no_new_computation(world: World) -> None:
    first = compute(world)
    until = world.round.objections_close_at
    assert compute(world, "encore") == first
    assert Computation.objects.filter(round=world.round).count() == 1
    world.round.refresh_from_db()
    assert world.round.objections_close_at == until


def test_a_taken_back_gift_is_a_new_computation_with_its_difference(world: World) -> None:
    first = compute(world)
    until = world.round.objections_close_at
    world.take_back("person 0", "garden")
    second = compute(world, "Une rétrofacturation")
    assert (second.number, second.reason) == (2, "Une rétrofacturation")
    assert second.fingerprint != first.fingerprint
    found = {one.project.slug: one for one in differences(second)}
    assert found["garden"].is_own
    assert (found["garden"].received, found["garden"].persons, found["garden"].counted) == (
        -2_000,
        -1,
        -2_000,
    )
    assert not found["seeds"].is_own
    assert found["garden"].matching < 0 < found["seeds"].matching
    assert "bikes" not in found
    assert differences(first) == []
    world.round.refresh_from_db()
    assert world.round.objections_close_at is not None
    assert until is not None
    assert world.round.objections_close_at > until


def test_a_revoked_voice_is_received_and_no_longer_counted(world: World) -> None:
    compute(world)
    Support.objects.filter(person=world.people["person 7"]).update(eligible=False)
    found = {one.project.slug: one for one in differences(compute(world, "Un certificat révoqué"))}
    assert (found["garden"].received, found["garden"].persons) == (0, -1)


def test_undecided_payments_are_waited_for_unless_the_host_decides(world: World) -> None:
    world.pay_late("person 1", 700)
    with pytest.raises(NotNow, match="still under way: 1"):
        compute(world)
    assert latest(world.round) is None
    assert compute(world, "La banque ne répond plus", without_late=True).left_out == 1


def test_kept_sums_that_are_wrong_stop_the_computation(world: World) -> None:
    Support.objects.filter(person=world.people["person 3"], project=world.projects["garden"]).update(cents=1)
    with pytest.raises(Mismatch, match="Jardin"):
        compute(world)
    world.round.refresh_from_db()
    assert world.round.state == State.CLOSED


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 5_001])
def test_a_reason_is_needed(world: World, reason: str) -> None:
    with pytest.raises(Refusal):
        compute(world, reason)


def test_only_the_host_computes(world: World) -> None:
    other = an_organisation(Kind.HOST)
    strangers = [
        a_person(),
        world.agent(world.certifier),
        world.agent(other),
        world.agent(world.host, Role.READER),
        world.agent(world.host, Role.REVIEWER),
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            compute_result(round=world.round, reason="moi", person=stranger)
    compute_result(round=world.round, reason="la trésorière", person=world.agent(world.host, Role.TREASURER))


def test_a_round_that_still_takes_gifts_has_no_result(world: World) -> None:
    draft = Round.objects.create(host=world.host, slug=f"{world.round.slug}-2", name="Autre")
    with pytest.raises(NotNow):
        compute_result(round=draft, reason="trop tôt", person=world.manager)


def test_anyone_objects_until_the_time_is_over(world: World) -> None:
    person = a_person()
    with pytest.raises(NotNow, match="provisional"):
        raise_objection(person=person, round=world.round, text="Non")
    compute(world)
    objection = raise_objection(
        person=person, round=world.round, text=" Le stand comptait double. ", project=world.projects["garden"]
    )
    assert (objection.text, objection.state) == ("Le stand comptait double.", Ruling.OPEN)
    with pytest.raises(Refusal):
        raise_objection(person=person, round=world.round, text=" \0 ")
    world.end_objections()
    with pytest.raises(NotNow, match="over"):
        raise_objection(person=person, round=world.round, text="Trop tard")


def test_one_person_cannot_flood_the_host(world: World) -> None:
    compute(world)
    person = a_person()
    for number in range(10):
        raise_objection(person=person, round=world.round, text=f"{number}")
    with pytest.raises(NotNow):
        raise_objection(person=person, round=world.round, text="11")
    raise_objection(person=a_person(), round=world.round, text="Une autre personne")


def test_a_project_of_another_round_is_no_subject(world: World, make_world: Callable[..., World]) -> None:
    compute(world)
    other = make_world(world.plan.rules)
    with pytest.raises(Refusal, match="not one of the round"):
        raise_objection(person=a_person(), round=world.round, text="Non", project=other.projects["garden"])


@pytest.mark.parametrize("upheld", [True, False])
def test_the_host_answers_once(world: World, upheld: bool) -> None:
    compute(world)
    objection = raise_objection(person=a_person(), round=world.round, text="Non")
    reviewer = world.agent(world.host, Role.REVIEWER)
    with pytest.raises(Refusal, match="answer"):
        decide_objection(person=reviewer, objection=objection, upheld=upheld, answer=" ")
    for stranger in (objection.person, world.agent(world.certifier), world.agent(world.host, Role.TREASURER)):
        with pytest.raises(NotAllowed):
            decide_objection(person=stranger, objection=objection, upheld=upheld, answer="Oui")
    decided = decide_objection(person=reviewer, objection=objection, upheld=upheld, answer="Vérifié.")
    assert decided.state == (Ruling.UPHELD if upheld else Ruling.DISMISSED)
    assert decided.decided_at is not None
    with pytest.raises(NotNow, match="already"):
        decide_objection(person=reviewer, objection=objection, upheld=not upheld, answer="Vérifié.")


def test_a_result_becomes_final_only_when_all_is_done(world: World) -> None:
    compute(world)
    objection = raise_objection(person=a_person(), round=world.round, text="Non")
    with pytest.raises(NotNow, match="still be raised"):
        ask_signatures(person=world.manager, round=world.round)
    world.end_objections()
    with pytest.raises(NotNow, match="Objections that wait"):
        ask_signatures(person=world.manager, round=world.round)
    decide_objection(person=world.manager, objection=objection, upheld=False, answer="Vérifié.")
    assert not open_objections(world.round)
    everyone = [world.host, world.certifier, *world.funders.values()]
    sign_for(world, *everyone[:-1])
    with pytest.raises(NotNow, match=everyone[-1].name):
        finalise(person=world.manager, round=world.round)
    sign_for(world, everyone[-1])
    computation = finalise(person=world.manager, round=world.round)
    world.round.refresh_from_db()
    assert world.round.state == State.FINAL
    assert finalise(person=world.manager, round=world.round) == computation
    _check_books(world, computation)
    with pytest.raises(NotNow):
        compute(world)


def _check_books(world: World, computation: Computation) -> None:
    for pot in Pot.objects.filter(fund__round=world.round):
        given = sum(PotLine.objects.filter(computation=computation, pot=pot).values_list("cents", flat=True))
        (amount,) = (one.amount for one in world.plan.pots if one.key == pot.key)
        assert balance_of(pot.account) == amount - given
    for line in computation.lines.select_related("project"):
        account = Account.objects.get(book=world.book, key=f"project:{line.project.slug}")
        assert balance_of(account) == line.matching
    assert computation.matching > 0
    assert check_book(world.book).faults == ()


def test_signatures_under_another_result_are_worth_nothing(world: World) -> None:
    compute(world)
    world.end_objections()
    everyone = [world.host, world.certifier, *world.funders.values()]
    sign_for(world, *everyone)
    world.take_back("person 0", "garden")
    with pytest.raises(NotNow, match="have changed"):
        finalise(person=world.manager, round=world.round)
    second = compute(world, "Une rétrofacturation")
    assert missing_signatures(second) == everyone
    world.end_objections()
    with pytest.raises(NotNow, match="signature"):
        finalise(person=world.manager, round=world.round)


def test_a_pot_that_lacks_its_money_pays_nobody(world: World) -> None:
    compute(world)
    world.end_objections()
    sign_for(world, world.host, world.certifier, *world.funders.values())
    bank, pot = (Account.objects.get(book=world.book, key=key) for key in ("bank", "pot:commun"))
    post(
        actor=None,
        book=world.book,
        kind="test",
        sentence="un versement annulé",
        idempotency_key="gone",
        postings={pot: Cents(100_000), bank: Cents(-100_000)},
    )
    with pytest.raises(NotEnough):
        finalise(person=world.manager, round=world.round)
    world.round.refresh_from_db()
    assert world.round.state == State.PROVISIONAL
    assert all(
        balance_of(account) == 0
        for account in Account.objects.filter(book=world.book, key__startswith="project:")
    )


def test_what_is_asked_to_be_signed_is_written_once(world: World) -> None:
    compute(world)
    world.end_objections()
    text = ask_signatures(person=world.manager, round=world.round)
    assert ask_signatures(person=world.manager, round=world.round) == text
    assert "Jardin" in text.text
    exact = json.loads(text.canonical)
    assert exact["text"] == text.text
    assert canonical(exact) == text.canonical
    assert sha256(text.canonical.encode()).hexdigest() == text.sha256
    assert exact["added_cents"] + exact["unspent_cents"] == sum(pot.amount for pot in world.plan.pots)


def test_an_explanation_and_a_statement_need_a_result(world: World) -> None:
    funder = next(iter(world.funders.values()))
    assert explanation_of(world.projects["garden"]) is None
    assert statements_of(funder, world.round) is None
    compute(world)
    line = explanation_of(world.projects["garden"])
    assert line is not None
    assert line.persons == 8
    assert statements_of(world.host, world.round) is None


def test_a_result_cannot_be_changed(world: World) -> None:
    computation = compute(world)
    for sentence in (
        "UPDATE settlement_resultline SET matching = matching + 1 WHERE computation_id = %s",
        "DELETE FROM settlement_potline WHERE computation_id = %s",
        "UPDATE settlement_computation SET matching = 0 WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), atomic(), connection.cursor() as cursor:
            cursor.execute(sentence, [computation.pk])


def test_the_platform_may_compute_by_itself(world: World) -> None:
    assert compute_result(round=world.round, reason="par la plateforme").number == 1
    event = Event.objects.get(verb="publish_result", subject_id=str(world.round.pk))
    assert event.actor is None
