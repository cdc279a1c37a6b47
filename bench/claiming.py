"""A claim of a voice, by each way, in a register of a thousand and of half a million: milliseconds, and beside a bare write.

python -m bench.claiming [--people 500000] [--write]

Starts a durable PostgreSQL of its own: every claim is on the disk when it is counted. The bare write inserts one row and
commits, turn by turn with the claims; how many of them a claim takes says more of the claim than milliseconds, which are the
machine's and its other work's. Ends with 1 where it is too many: a claim may take 50 ms, and 100 writes are half of that on a
machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench.machine import describe_machine
from bench.report import output_option, table, write_section

WRITES: Final = 100
FEW: Final = 1_000
CLAIMS: Final = 200
"""With those before them no more than the limits on guessing let an official do in an hour."""
WARM: Final = 20
WAYS: Final = ("franceconnect", "code", "counter", "trusted provider", "e-mail address")

TEXT = """{claims} claims one after the other by each way, each by another account, from the proof (names of FranceConnect, a typed code, an
official's choice) to the commit, with the totals of the round that follow it. A write is one row and its commit.
"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.claiming")
    options.add_argument("--people", type=int, default=500_000)
    output_option(options)
    options.add_argument("--case", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.case:
        print(json.dumps(_case(chosen.case)))
        return
    found = {people: _measure(people) for people in (FEW, chosen.people)}
    header = ("way", "people in the register", "median", "95 in 100 within", "in writes")
    rows = [_row(way, people, *one[way]) for way in WAYS for people, one in found.items()]
    told = table(header, rows)
    print(told)
    if chosen.write:
        write_section(
            "Claims of a voice", f"{TEXT.format(claims=CLAIMS)}\n{told}\nMeasured on: {describe_machine()}."
        )
    if any(_in_writes(*one[way]) > WRITES for one in found.values() for way in WAYS):
        sys.exit(1)


def _row(way: str, people: int, claims: list[float], writes: list[float]) -> tuple[str, ...]:
    median = statistics.median(claims)
    return (
        way,
        f"{people:,}",
        f"{median:.1f} ms",
        f"{_nearly_all(claims):.1f} ms",
        f"{_in_writes(claims, writes):.0f}",
    )


def _in_writes(claims: list[float], writes: list[float]) -> float:
    return statistics.median(claims) / statistics.median(writes)


def _nearly_all(measured: list[float]) -> float:
    return statistics.quantiles(measured, n=20)[-1]


def _measure(people: int) -> dict[str, tuple[list[float], list[float]]]:
    from abonde.core import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="abonde-bench-"))
    data = embedded_postgres.home_of(folder)
    environment = {
        **os.environ,
        "ABONDE_MODE": "tests",
        "ABONDE_LOG_LEVEL": "WARNING",
        "DATABASE_URL": embedded_postgres.start(data),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "bench.claiming", "--case", str(people)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    finally:
        embedded_postgres.stop(data)
        for place in (data, folder):
            shutil.rmtree(place, ignore_errors=True)
    if done.returncode:
        raise RuntimeError(f"{people} people failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _case(people: int) -> dict[str, tuple[list[float], list[float]]]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    world = _World(people)
    deeds: dict[str, Callable[[int], object]] = {
        "franceconnect": world.by_franceconnect,
        "code": world.by_code,
        "counter": world.at_the_counter,
        "trusted provider": world.by_provider,
        "e-mail address": world.by_address,
    }
    return {name: _timed(deed, world.write) for name, deed in deeds.items()}


def _timed(deed: Callable[[int], object], beside: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Milliseconds of each, turn by turn with what it is compared to, without the first ones, in which plans are made."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM + CLAIMS):
        started = time.perf_counter()
        deed(number)
        between = time.perf_counter()
        beside()
        taken[0].append(1_000 * (between - started))
        taken[1].append(1_000 * (time.perf_counter() - between))
    return taken[0][WARM:], taken[1][WARM:]


class _World:
    """Registers of so many people, each the register of a round that takes gifts, and accounts that claim in them."""

    def __init__(self, people: int) -> None:
        from abonde.identities.models import Kind
        from abonde.identities.providers import add_provider
        from abonde.organisations.models import Kind as KindOfOrganisation
        from abonde.organisations.models import Role
        from abonde.register.actions import open_register
        from abonde.register.models import Strategy
        from abonde.rounds.states import State
        from tests.factories import a_register, a_round, an_agent, an_organisation, the_manager

        self.certified = a_register(strategy=Strategy.CERTIFIED)
        self.official = an_agent(self.certified.owner, Role.REGISTRAR)
        host = an_organisation(KindOfOrganisation.HOST)
        self.provider = add_provider(
            person=None,
            organisation=host,
            kind=Kind.KEYCLOAK,
            label="Members",
            issuer="https://members.example.org",
            client_id="abonde",
        )
        self.community, self.open = (
            open_register(
                person=the_manager(host),
                organisation=host,
                strategy=strategy,
                name="Members",
                issuers=issuers,
            )
            for strategy, issuers in ((Strategy.COMMUNITY, [self.provider]), (Strategy.OPEN, []))
        )
        for register in (self.certified, self.community, self.open):
            _fill(register, people)
            a_round(state=State.GIVING, register=register)
        self._prepare()

    def _prepare(self) -> None:
        """What people have in hand before the clock runs: accounts, letters, the number on their screen."""
        from django.db import connection, transaction

        from abonde.core.sealing import unseal
        from abonde.identities.accounts import account_behind
        from abonde.identities.proof import Proof
        from abonde.register.codes import make_codes
        from abonde.register.counter import number_for
        from abonde.register.identity import entry_key, place_key
        from abonde.register.models import Entry, Mailing
        from tests.factories import a_person

        secret, numbers = unseal(bytes(self.certified.sealed_key)), range(3 * (WARM + CLAIMS))
        entries = Entry.objects.bulk_create(
            Entry(register=self.certified, key=entry_key(secret, pivot), place_key=place_key(secret, pivot))
            for pivot in map(_pivot, numbers)
        )
        each = WARM + CLAIMS
        self.entries = entries[2 * each :]
        posted = [one.pk for one in entries[each : 2 * each]]
        with transaction.atomic():
            mailing = Mailing.objects.create(register=self.certified, person=self.official)
            made = make_codes(entries=posted, mailing=mailing)
        self.codes = [made[one] for one in posted]
        self.people = [[a_person() for _ in range(each)] for _way in range(4)]
        self.shown = [number_for(one).number for one in self.people[2]]
        self.members = [
            account_behind(proof=Proof(provider=self.provider, subject=str(number), next="", linking=None))
            for number in range(each)
        ]
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_write (number bigserial PRIMARY KEY)")
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")

    def by_franceconnect(self, number: int) -> None:
        from abonde.register.claims import claim_with_pivot

        claimed = claim_with_pivot(
            person=self.people[0][number],
            pivot=_pivot(number),
            method="franceconnect",
            registers=[self.certified],
        )
        assert claimed.granted

    def by_code(self, number: int) -> None:
        from abonde.register.codes import claim_with_code

        claim_with_code(person=self.people[1][number], written=self.codes[number], address=str(number))

    def at_the_counter(self, number: int) -> None:
        from abonde.register.counter import certify

        certify(person=self.official, entry=self.entries[number], number=self.shown[number])

    def by_provider(self, number: int) -> None:
        from abonde.register.actions import claim_own_voice

        claim_own_voice(self.members[number], self.community)

    def by_address(self, number: int) -> None:
        from abonde.register.actions import claim_own_voice

        claim_own_voice(self.people[3][number], self.open)

    def write(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_write DEFAULT VALUES")


def _pivot(number: int) -> Any:  # noqa: ANN401  (needs Django's set-up)
    from abonde.register.identity import read_pivot

    return read_pivot(
        f"Petit{'abcdefghij'[number % 10]}",
        "Léa",
        f"{1900 + number // 100}-03-{number % 28 + 1:02}",
        f"{number:05}",
    )


def _fill(register: Any, people: int) -> None:  # noqa: ANN401  (models need Django's set-up)
    """Everybody else: entries with random fingerprints, as an import would have left them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO register_entry (register_id, key, place_key, "group", origin)'
            " SELECT %s, sha256(convert_to(%s || n::text, 'UTF8')), sha256(convert_to(%s || n::text, 'UTF8')), '', 'import'"
            " FROM generate_series(1, %s) AS n",
            [register.pk, f"key {register.pk} ", f"place {register.pk} ", people],
        )


if __name__ == "__main__":
    main()
