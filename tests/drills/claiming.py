"""What several processes do at once with one voice: each waits for a line of its input, then tries again and again.

python -m tests.drills.claiming DEED ARGUMENT: writes one word for each try as a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence

from tests.drills.killed import TREE, environment


def at_once(deed: str, arguments: Sequence[object]) -> list[str]:
    """Have one process for each argument do the deed, all at the same time: what came of every try."""
    command = [sys.executable, "-m", "tests.drills.claiming", deed]
    processes = [
        subprocess.Popen(
            [*command, str(argument)],
            cwd=TREE,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for argument in arguments
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    told: list[str] = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        said, _ = process.communicate()
        assert process.returncode == 0
        told += json.loads(said)
    return told


def claim(argument: str) -> Iterable[str]:
    """Each of the people claims the entry: ENTRY PERSON PERSON …"""
    from abonde.people.models import Person
    from abonde.register.actions import EntryTaken
    from abonde.register.claims import claim_entry
    from abonde.register.models import Entry

    number, *people = argument.split()
    entry = Entry.objects.get(pk=number)
    for one in people:
        try:
            claim_entry(person=Person.objects.get(pk=one), entry=entry, method="code")
        except EntryTaken:
            yield "taken"
        else:
            yield "won"


def guess(argument: str) -> Iterable[str]:
    """Each of the people guesses codes, from each of the addresses in turn: TIMES ADDRESSES PERSON PERSON …"""
    from abonde.people.models import Person
    from abonde.register.codes import WrongCode, claim_with_code, new_code
    from abonde.register.limits import TooOften

    times, addresses, *people = argument.split()
    accounts, places = list(Person.objects.filter(pk__in=people)), addresses.split(",")
    for number in range(int(times)):
        person, address = accounts[number % len(accounts)], places[number % len(places)]
        try:
            claim_with_code(person=person, written=new_code(), address=address)
        except WrongCode:
            yield "wrong"
        except TooOften:
            yield "stopped"
        else:
            yield "found"


def _main(deed: str, argument: str) -> None:
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(list({"claim": claim, "guess": guess}[deed](argument))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
