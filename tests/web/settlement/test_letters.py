"""The letters of settlement: to whom, once, and what they say."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet

from abonde.giving.models import Support
from abonde.notifications.letters import write
from abonde.notifications.models import Letter
from abonde.organisations.models import Role
from abonde.people.models import Person
from abonde.settlement import announcing
from abonde.settlement.actions import (
    compute_result,
    decide_objection,
    finalise,
    raise_objection,
)
from abonde.settlement.models import Computation
from tests.domain.settlement.world import World, a_person


def letters(world: World, kind: str) -> QuerySet[Letter]:
    return Letter.objects.filter(kind=kind, values__round=world.round.slug)


def read(letter: Letter) -> str:
    letter.language = "en"
    written = write(letter)
    assert written.subject
    assert "http" in written.text
    assert "<a " in written.html
    for text in (written.text, written.html):
        assert "None" not in text
    return written.text


def test_everybody_hears_of_the_first_result_once(world: World, provisional: Computation) -> None:
    for _ in range(2):
        announcing.tell_result(computation_id=provisional.pk)
    everyone = letters(world, "results-provisional")
    assert everyone.count() == len(world.people) + 2 + len(world.funders)
    holders = letters(world, "project-result")
    assert holders.count() == 3
    garden = provisional.lines.get(project=world.projects["garden"])
    text = read(holders.get(values__project="garden"))
    assert f"the fund would add €{garden.matching / 100:,.2f}" in text
    assert "Please do not spend it yet." in text
    giver = everyone.filter(person=world.people["person 0"]).get()
    assert "It is provisional. Until" in read(giver)


def test_a_changed_result_goes_to_those_whom_it_changes(world: World, provisional: Computation) -> None:
    world.take_back("person 9", "bikes")
    Support.objects.filter(project=world.projects["bikes"]).update(eligible=False)
    second = compute_result(round=world.round, reason="Un paiement repris", person=world.manager)
    announcing.tell_result(computation_id=second.pk)
    assert letters(world, "project-result").count() == 0
    trio = letters(world, "results-provisional")
    assert trio.count() == 2 + len(world.funders)
    assert "“Un paiement repris”" in read(trio[0])


def test_the_final_result_goes_to_everybody(signed: World) -> None:
    computation = finalise(person=signed.manager, round=signed.round)
    announcing.tell_final(computation_id=computation.pk)
    assert letters(signed, "results-final").count() == len(signed.people) + 2 + len(signed.funders)
    assert "is final" in read(letters(signed, "project-result-final").get(values__project="garden"))
    assert "signed and final" in read(letters(signed, "results-final")[0])


def test_those_who_may_sign_are_asked(signed: World) -> None:
    computation = signed.round.computations.get()
    announcing.tell_signers(computation_id=computation.pk)
    found = letters(signed, "results-to-sign")
    asked = {signed.agents[one.pk].pk for one in (signed.host, signed.certifier, *signed.funders.values())}
    assert {letter.person_id for letter in found} == asked
    assert "/resultats/signer/" in read(found[0])


@pytest.mark.parametrize("upheld", [True, False])
def test_an_objection_and_its_answer_reach_the_other_side(
    world: World, provisional: Computation, upheld: bool
) -> None:
    person, reviewer = a_person(), world.agent(world.host, Role.REVIEWER)
    objection = raise_objection(
        person=person, round=world.round, text="Non", project=world.projects["garden"]
    )
    announcing.tell_host_of_objection(objection_id=objection.pk)
    asked = letters(world, "objection-raised")
    assert {letter.person_id for letter in asked} == {world.manager.pk, reviewer.pk}
    assert f"/objections/{objection.pk}/" in read(asked[0])
    decide_objection(person=reviewer, objection=objection, upheld=upheld, answer="L’answer <b>.")
    announcing.tell_objector(objection_id=objection.pk)
    (answer,) = letters(world, "objection-answered")
    assert answer.person_id == person.pk
    assert "L’answer <b>." in read(answer)
    assert ("is right" in read(answer)) is upheld
    assert "L’answer &lt;b&gt;." in write(answer).html


def test_nobody_without_an_account_is_written_to(world: World, provisional: Computation) -> None:
    Person.objects.filter(pk=world.people["person 0"].pk).update(
        email=None, name="", deleted_at="2026-01-01T00:00:00Z"
    )
    announcing.tell_result(computation_id=provisional.pk)
    assert not letters(world, "results-provisional").filter(person=world.people["person 0"]).exists()
