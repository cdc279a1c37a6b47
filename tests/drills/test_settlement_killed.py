"""A process that dies leaves nothing or everything; two at once make one result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from abonde.rounds.actions import sign_text
from abonde.settlement.actions import ask_signatures, compute_result, finalise
from abonde.settlement.models import Computation
from tests.domain.settlement.world import World
from tests.drills.killed import attempts

ROOM = "tests.drills.settling"


def test_a_killed_computation_leaves_nothing_until_it_leaves_everything(world: World) -> None:
    *dead, lived = attempts(ROOM, "compute", world.round.pk)
    nothing = {"state": "closed", "computations": 0, "lines": 0, "pot_lines": 0, "events": 0, "movements": 0}
    assert len(dead) > 15
    for attempt in dead:
        assert {key: attempt[key] for key in nothing} == nothing
    assert (lived["state"], lived["computations"], lived["lines"], lived["events"]) == (
        "provisional",
        1,
        3,
        1,
    )
    assert lived["pot_lines"] > 0


def test_a_killed_payment_of_pots_leaves_nothing_until_it_leaves_everything(world: World) -> None:
    computation = compute_result(round=world.round, reason="Premier calcul")
    world.end_objections()
    text = ask_signatures(person=world.manager, round=world.round)
    for organisation in (world.host, world.certifier, *world.funders.values()):
        sign_text(person=world.agents[organisation.pk], organisation=organisation, text=text)
    *dead, lived = attempts(ROOM, "finalise", world.round.pk)
    assert len(dead) > 15
    assert {(attempt["state"], attempt["events"], attempt["movements"]) for attempt in dead} == {
        ("provisional", 1, 0)
    }
    assert (lived["state"], lived["events"], lived["movements"]) == ("final", 2, 2)
    assert finalise(person=world.manager, round=world.round) == computation


def test_two_computations_at_once_are_one(world: World, django_db_blocker: DjangoDbBlocker) -> None:
    start = Barrier(4)

    def one(_: int) -> Computation:
        with django_db_blocker.unblock():
            try:
                connection.ensure_connection()
                start.wait()
                return compute_result(round=world.round, reason="Premier calcul", person=world.manager)
            finally:
                connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(4)))
    assert len({computation.pk for computation in found}) == 1
    assert Computation.objects.filter(round=world.round).count() == 1
