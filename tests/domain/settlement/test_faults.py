"""A process that dies leaves nothing or everything; two at once make one result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import quote

from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from abonde.rounds.actions import sign_text
from abonde.settlement.actions import ask_signatures, compute_result, finalise
from abonde.settlement.models import Computation
from tests.domain.settlement.world import World

TREE = Path(__file__).parents[3]


def killed(action: str, world: World) -> list[dict[str, Any]]:
    """What stands after each attempt, the last one being the one that lived."""
    parameters = connection.get_connection_params()
    address = (
        f"postgresql://{parameters['user']}:{quote(parameters.get('password') or '')}@/{parameters['dbname']}"
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.domain.settlement.killed", action, str(world.round.pk)],
        cwd=TREE,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"{address}?host={quote(str(parameters['host']))}&port={parameters.get('port', '')}",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_killed_computation_leaves_nothing_until_it_leaves_everything(world: World) -> None:
    *dead, lived = killed("compute", world)
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
    *dead, lived = killed("finalise", world)
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
