"""Settlement at scale: from rows in PostgreSQL to a stored, explained result, against a plain loop over the ORM.

python -m bench.settlement [--sizes 1e5,1e6] [--projects 500] [--alternative-up-to 1e5] [--write]

Starts a durable PostgreSQL of its own, and measures each case in a fresh process: seconds, and its peak memory without
the server's. The alternative is what one would write first: one object per contribution, sums in dictionaries, counted
by the reference, one INSERT per line; it computes the same result, which is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.machine import describe_machine
from bench.measure import Measured
from bench.report import Row, output_option, table, write_section

ROWS_PER_PERSON = 3

TEXT = """From the rows of a closed round with 500 projects to its stored, explained result, in a fresh process each (its peak
memory without the server's), against one object per contribution and one INSERT per line.
"""

FILL = """
CREATE TEMP TABLE given ON COMMIT DROP AS
SELECT (number / %(each)s)::int AS giver,
    (%(first)s + (power(random(), 2) * (%(projects)s - 1))::int) AS project,
    (ARRAY[500, 1000, 1000, 2000, 2500, 5000, 10000])[1 + (random() * 6)::int] AS cents
FROM generate_series(0, %(gifts)s - 1) number;
CREATE TEMP TABLE giver ON COMMIT DROP AS
SELECT giver, gen_random_uuid() AS person, gen_random_uuid() AS pledge, random() < 0.9 AS eligible, sum(cents) AS cents
FROM given GROUP BY giver;
INSERT INTO people_person (id, password, email, name, language, created_at)
SELECT person, '', person || '@example.org', '', 'fr', now() FROM giver;
INSERT INTO giving_pledge (id, round_id, person_id, amount, pledged_at)
SELECT pledge, %(round)s, person, cents, now() - interval '1 day' FROM giver;
INSERT INTO giving_contribution (pledge_id, project_id, amount, state)
SELECT pledge, project, sum(given.cents), 'pledged' FROM given JOIN giver USING (giver) GROUP BY pledge, project;
UPDATE giving_contribution SET state = 'settled', settled_at = now();
INSERT INTO giving_support (project_id, person_id, cents, eligible)
SELECT project, person, sum(given.cents), eligible FROM given JOIN giver USING (giver) GROUP BY project, person, eligible;
"""


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(prog="python -m bench.settlement")
    options.add_argument("--sizes", default="1e5,1e6")
    options.add_argument("--projects", type=int, default=500)
    options.add_argument("--alternative-up-to", type=float, default=1e5)
    options.add_argument("--mechanism", default="quadratic")
    output_option(options)
    options.add_argument("--case", nargs=3, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.case:
        print(json.dumps(_case(*chosen.case)))
        return
    rows = [
        _row(size, chosen.projects, chosen.mechanism, alternative=size <= chosen.alternative_up_to)
        for size in (int(float(text)) for text in chosen.sizes.split(","))
    ]
    found = table(("contributions", "settlement", "plain ORM loop", "same cents"), rows)
    print(found)
    if chosen.write:
        write_section("Settlement", f"{TEXT}\n{found}\nMeasured on: {describe_machine()}.")


def _row(size: int, projects: int, mechanism: str, *, alternative: bool) -> Row:
    from abonde.core import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="abonde-bench-"))
    data = embedded_postgres.home_of(folder)
    address = embedded_postgres.start(data)
    try:
        environment = {
            **os.environ,
            "ABONDE_MODE": "tests",
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        _run(environment, "fill", mechanism, f"{size},{projects}")
        plain = _run(environment, "plain", mechanism, "1") if alternative else None
        ours = _run(environment, "ours", mechanism, "1")
        assert plain is None or plain["result"] == ours["result"]
        same = "yes" if plain else "–"
        return f"{ours['rows']:,}", str(_told(ours)), str(_told(plain)) if plain else "–", same
    finally:
        embedded_postgres.stop(data)
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _told(answer: dict[str, float]) -> Measured:
    return Measured(answer["seconds"], answer["peak_mib"])


def _run(environment: dict[str, str], *case: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.settlement", "--case", *case],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{case} failed:\n{done.stderr}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _case(what: str, mechanism: str, how_much: str) -> dict[str, object]:
    import resource
    import time

    import django

    django.setup()
    if what == "fill":
        _fill(mechanism, *(int(number) for number in how_much.split(",")))
        return {}
    from abonde.giving.models import Support
    from abonde.rounds.models import Round

    round_ = Round.objects.select_related("host").get()
    rows = Support.objects.count()
    started = time.perf_counter()
    result = (_plain if what == "plain" else _ours)(round_)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak, "rows": rows, "result": result}


def _ours(round_: object) -> list[tuple[str, int]]:
    from abonde.rounds.models import Round
    from abonde.settlement.actions import compute_result

    assert isinstance(round_, Round)
    computation = compute_result(round=round_, reason="close")
    return sorted(computation.lines.values_list("project__slug", "matching"))


def _plain(round_: object) -> list[tuple[str, int]]:
    """Nothing clever: objects, dictionaries, the reference, and a line at a time; rolled back in the end."""
    from django.db.transaction import atomic, set_rollback

    from abonde.funds.models import Pot
    from abonde.funds.queries import pots_of
    from abonde.giving.models import Contribution, ContributionState, Support
    from abonde.matching import Gift, allocate, tally_gifts
    from abonde.projects.models import Project
    from abonde.projects.queries import matching_projects
    from abonde.rounds.models import Round
    from abonde.settlement.computing import explanation
    from abonde.settlement.models import Computation, PotLine, ResultLine

    assert isinstance(round_, Round)
    with atomic():
        voices = {(one.person_id, one.project_id): one.eligible for one in Support.objects.all()}
        gifts = []
        settled = Contribution.objects.filter(pledge__round=round_, state=ContributionState.SETTLED)
        for one in settled.select_related("pledge", "project"):
            eligible = voices[one.pledge.person_id, one.project_id]
            gifts.append(Gift(str(one.pledge.person_id), one.project.slug, one.amount, eligible))
        rules = round_.rules
        allocation = allocate(
            projects=matching_projects(round_),
            tally=tally_gifts(gifts, rules),
            pots=pots_of(round_),
            rules=rules,
        )
        computation = Computation.objects.create(
            round=round_,
            number=1,
            reason="close",
            rules={},
            pots=[],
            fingerprint="",
            received=0,
            matching=0,
            left=0,
            voices=0,
        )
        for key, tally in allocation.tally.items():
            ResultLine.objects.create(
                computation=computation,
                project=Project.objects.get(slug=key),
                received=tally.received,
                persons=tally.persons,
                counted=tally.counted,
                matching=allocation.matching[key],
                explanation=explanation(allocation, key),
            )
        for part in allocation.pots:
            for key, cents in zip(part.projects, part.shared.cents, strict=True):
                if cents:
                    pot, project = Pot.objects.get(key=part.pot.key), Project.objects.get(slug=key)
                    PotLine.objects.create(computation=computation, pot=pot, project=project, cents=cents)
        set_rollback(True)  # the same rows are settled a second time, by the other case
    return sorted(allocation.matching.items())


def _fill(mechanism: str, gifts: int, projects: int) -> None:
    from dataclasses import replace

    from django.core.management import call_command
    from django.db import connection
    from django.db.transaction import atomic

    from abonde import matching
    from abonde.matching import PRESETS, Cents, Earmark, Mechanism
    from abonde.rounds.models import Round
    from abonde.rounds.states import State
    from tests.domain.settlement.world import Plan, open_world

    call_command("migrate", verbosity=0)
    plan = Plan(
        [],
        [
            matching.Project(key=f"project-{number:05}", challenge=f"c{number % 3}", need=Cents(5_000_000))
            for number in range(projects)
        ],
        [
            matching.Pot(key="commun", funders={"a": Cents(30_000_000), "b": Cents(10_000_000)}),
            matching.Pot(key="un", funders={"b": Cents(5_000_000)}, earmark=Earmark(challenge="c1")),
            matching.Pot(key="deux", funders={"c": Cents(7_000_001)}, earmark=Earmark(challenge="c2")),
        ],
        replace(PRESETS["guarded"], mechanism=Mechanism(mechanism)),
    )
    with atomic():
        world = open_world(plan)
        first = min(project.pk for project in world.projects.values())
        with connection.cursor() as cursor:
            values = {
                "each": ROWS_PER_PERSON,
                "first": first,
                "projects": projects,
                "gifts": gifts * 101 // 100,  # a few land on the same project and are added up
                "round": world.round.pk,
            }
            for statement in FILL.split(";")[:-1]:
                cursor.execute(statement, values)
        Round.objects.filter(pk=world.round.pk).update(state=State.CLOSED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
