"""Run an action again and again in a process that kills itself before its first, second, third … statement.

python -m tests.domain.settlement.killed ACTION ROUND: writes one line of JSON per attempt, with what stands afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable

import django


def main(action: str, round_id: str) -> None:
    django.setup()
    from django.db import connection

    statement, finished = 0, False
    while not finished:
        connection.close()
        child = os.fork()
        if not child:
            _attempt(action, int(round_id), statement)
        _, status = os.waitpid(child, 0)
        finished = os.waitstatus_to_exitcode(status) == 0
        sys.stdout.write(
            json.dumps({"statement": statement, "finished": finished, **_found(int(round_id))}) + "\n"
        )
        statement += 1


def _attempt(action: str, round_id: int, deadly: int) -> None:
    from django.db import connection

    from abonde.people.models import Person
    from abonde.rounds.models import Round
    from abonde.settlement.actions import compute_result, finalise

    round_ = Round.objects.select_related("host").get(pk=round_id)
    person = Person.objects.get(memberships__organisation=round_.host)
    left = deadly

    def kill(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return execute(*arguments)

    with connection.execute_wrapper(kill):
        if action == "compute":
            compute_result(round=round_, reason="Premier calcul", person=person)
        else:
            finalise(person=person, round=round_)
    os._exit(0)


def _found(round_id: int) -> dict[str, object]:
    from abonde.core.models import Event
    from abonde.ledger.models import Transaction
    from abonde.rounds.models import Round
    from abonde.settlement.models import Computation, PotLine, ResultLine

    return {
        "state": Round.objects.get(pk=round_id).state,
        "computations": Computation.objects.filter(round=round_id).count(),
        "lines": ResultLine.objects.filter(computation__round=round_id).count(),
        "pot_lines": PotLine.objects.filter(computation__round=round_id).count(),
        "events": Event.objects.filter(
            subject_type="rounds.round", subject_id=str(round_id), verb__in=["publish_result", "finalise"]
        ).count(),
        "movements": Transaction.objects.filter(book__fund__round=round_id, kind="matching").count(),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
