"""Giving at scale: 50 people at once, from the basket to the thanks, through the sandbox and its notifications.

python -m bench.giving [--seconds 120] [--people 50] [--projects 200] [--lines 3] [--pool 1000] [--write]

Starts a durable PostgreSQL of its own and the platform as `abonde serve` runs it, web and worker; fills it with a round of
200 projects; then visitors give as fast as the pages answer, without pausing to read. In the end the money is counted
again in every way: the book, the totals against a full count, the estimate against a full allocation. Eight jobs run at
once (unless ABONDE_JOB_WORKERS says otherwise): while the sandbox tells the platform, it holds a job as no provider would.
Ends with 1 where a visitor met an error or some money was not where it belongs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bench.machine import describe_machine
from bench.report import output_option, table, write_section
from bench.visiting import Seen, Unexpected, Visitor

SECONDS_TO_BE_READY = 90
SECONDS_TO_CALM_DOWN = 120
ERRORS_SHOWN = 5

MONEY = "received (cents), held at the provider (cents)"
FAULTS = "faults of the book"
DIFFERENT = "totals that differ from a full count"
EQUAL = "estimate equal to a full recomputation"

TEXT = """{people} people at once fill baskets of {lines} projects and pay them through the sandbox, without pausing to read, for
{seconds:.0f} s; visitors, web, worker and PostgreSQL share the machine.
"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.giving")
    options.add_argument("--seconds", type=float, default=120)
    options.add_argument("--people", type=int, default=50, help="visitors at the same time")
    options.add_argument("--projects", type=int, default=200)
    options.add_argument("--lines", type=int, default=3, help="projects in a basket")
    options.add_argument("--pool", type=int, default=1000, help="accounts, which take turns")
    output_option(options)
    options.add_argument("--case", nargs=2, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.case:
        print(json.dumps(_case(*chosen.case)))
        return
    seen, checked, worked = _measure(chosen)
    told = "\n".join([*_told(seen, chosen.seconds), *_checked(checked), _work(worked, seen)])
    print(told, *(f"- error: {error}" for error in seen.errors[:ERRORS_SHOWN]), sep="\n")
    if chosen.write:
        words = TEXT.format(**vars(chosen))
        write_section("Giving", f"{words}\n{told}\n\nMeasured on: {describe_machine()}.")
    if seen.errors or _faults(checked):
        sys.exit(1)


def _measure(chosen: argparse.Namespace) -> tuple[Seen, dict[str, Any], dict[str, float]]:
    """What the visitors saw, what a full count found, and seconds of processor time by part."""
    from abonde.core import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="abonde-bench-"))
    data = embedded_postgres.home_of(folder)
    port = _free_port()
    environment = {
        **os.environ,
        "ABONDE_MODE": "demo",
        "ABONDE_DATA_DIR": str(folder / "files"),
        "ABONDE_LISTEN": f"127.0.0.1:{port}",
        "ABONDE_LOG_LEVEL": "WARNING",
        "ABONDE_JOB_WORKERS": os.environ.get("ABONDE_JOB_WORKERS", "8"),
        "DATABASE_URL": embedded_postgres.start(data),
        "DJANGO_SETTINGS_MODULE": "abonde.config.settings",
    }
    platform = None
    log = folder.with_suffix(".log")
    try:
        world = _run(environment, "fill", f"{chosen.projects},{chosen.pool}")
        with log.open("wb") as written:
            platform = subprocess.Popen(
                [str(Path(sys.executable).with_name("abonde")), "serve"],
                env=environment,
                stdout=written,
                stderr=written,
            )
        _wait_until_ready(port, platform)
        busy = _busy(platform, data)
        seen = _visit(port, world, chosen)
        worked = {name: after - busy.get(name, 0) for name, after in _busy(platform, data).items()}
        checked = _run(environment, "check", "")
        if not (seen.errors or _faults(checked)):
            log.unlink()
        return seen, checked, worked
    finally:
        if platform is not None:
            platform.send_signal(signal.SIGTERM)
            platform.wait()
        embedded_postgres.stop(data)
        for place in (data, folder):
            shutil.rmtree(place, ignore_errors=True)


def _visit(port: int, world: dict[str, Any], chosen: argparse.Namespace) -> Seen:
    """All visitors until the time is up; each one who has given makes room for the next of the pool."""
    seen, lock = Seen(), threading.Lock()
    waiting: SimpleQueue[str] = (
        SimpleQueue()
    )  # nobody gives in two windows at once: one basket would change under the other
    for session in world["sessions"]:
        waiting.put(session)
    end = time.monotonic() + chosen.seconds

    def visit(number: int) -> None:
        dice, mine = Random(number), Seen()
        while time.monotonic() < end:
            session = waiting.get()
            visitor = Visitor("127.0.0.1", port, session, mine)
            try:
                visitor.give(world["round"], dice.sample(world["projects"], chosen.lines), dice)
            except Unexpected as problem:
                mine.errors.append(str(problem))
            else:
                in_time = time.monotonic() < end
                mine.payments += in_time
                mine.contributions += in_time * chosen.lines
                mine.late += not in_time
            visitor.close()
            waiting.put(session)
        with lock:
            seen.payments += mine.payments
            seen.contributions += mine.contributions
            seen.late += mine.late
            seen.errors += mine.errors
            for page, seconds in mine.seconds.items():
                seen.seconds.setdefault(page, []).extend(seconds)

    threads = [threading.Thread(target=visit, args=[number]) for number in range(chosen.people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _told(seen: Seen, seconds: float) -> list[str]:
    everything = [second for times in seen.seconds.values() for second in times]
    rows = [
        (page, f"{len(times):,}", *(f"{1000 * figure:.0f} ms" for figure in _figures(times)))
        for page, times in [*sorted(seen.seconds.items()), ("all pages", everything)]
        if len(times) > 1
    ]
    line = (
        f"**{seen.contributions / seconds:.1f} contributions/s** in {seen.payments / seconds:.1f} payments/s: "
        f"{seen.contributions:,} contributions in {seen.payments:,} payments in {seconds:.0f} s; "
        f"{seen.late} payments ended later; {len(seen.errors)} errors.\n"
    )
    return [line, table(("page", "asked", "median", "p95", "slowest"), rows)]


def _figures(times: list[float]) -> tuple[float, float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[-1], max(times)


def _checked(checked: dict[str, Any]) -> list[str]:
    return [f"- {what}: {found}" for what, found in checked.items()]


def _faults(checked: dict[str, Any]) -> bool:
    received, held = checked[MONEY]
    sound = checked[FAULTS] == [] and checked[DIFFERENT] == 0 and checked[EQUAL] and received == held
    return not sound


def _work(worked: dict[str, float], seen: Seen) -> str:
    """What a payment costs in processor time: unlike the clock, it does not depend on who else uses the machine."""
    each = ", ".join(
        f"{name} {1000 * seconds / max(seen.payments + seen.late, 1):.0f} ms"
        for name, seconds in worked.items()
    )
    return f"- processor time a payment: {each}"


def _busy(platform: subprocess.Popen[bytes], data: Path) -> dict[str, float]:
    """Seconds of processor time that each part has used so far."""
    serve = psutil.Process(platform.pid)
    database = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    web, worker = (
        [one for one in serve.children(recursive=True) if word in " ".join(one.cmdline())]
        for word in ("gunicorn", "procrastinate")
    )
    parts = {
        "web": web,
        "worker": worker,
        "PostgreSQL": [database, *database.children()],
        "visitors": [psutil.Process()],
    }
    return {name: sum(_seconds(process) for process in processes) for name, processes in parts.items()}


def _seconds(process: psutil.Process) -> float:
    times = (
        process.cpu_times()
    )  # with those of its children that have ended: connections are renewed every minute
    return times.user + times.system + times.children_user + times.children_system


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_until_ready(port: int, platform: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS_TO_BE_READY
    while time.monotonic() < end and platform.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise TimeoutError("The platform does not get ready; its log lies beside the temporary folders.")


def _run(environment: dict[str, str], *case: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.giving", "--case", *case],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{case} failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _case(what: str, how_much: str) -> dict[str, Any]:
    import django

    django.setup()
    if what == "check":
        return _check()
    return _fill(*(int(number) for number in how_much.split(",")))


def _fill(projects: int, pool: int) -> dict[str, Any]:
    """A round that takes gifts, its projects, and people with a voice who have logged in."""
    from django.core.management import call_command
    from django.db.transaction import atomic
    from django.test import Client

    from abonde.matching import PRESETS
    from tests.factories import a_person, a_project, a_round, a_voice

    call_command("migrate", verbosity=0)
    sessions = []
    with atomic():
        round_ = a_round(fund=30_000_000, written_rules=PRESETS["guarded"].to_mapping())
        slugs = [a_project(round_, name=f"Projet {number}").slug for number in range(projects)]
        for _ in range(pool):
            person = a_person()
            a_voice(person, round_)
            client = Client()
            client.force_login(person)
            sessions.append(client.cookies["sessionid"].value)
    return {"round": round_.slug, "projects": slugs, "sessions": sessions}


def _check() -> dict[str, Any]:
    """Wait until every job is done, then count everything anew."""
    from django.db.models import Count
    from procrastinate.contrib.django.models import ProcrastinateJob

    from abonde.giving.actions import rebuild_totals
    from abonde.giving.queries import estimate_of, person_gifts_rows, totals_of
    from abonde.ledger.queries import balance_of, check_book
    from abonde.matching import Gift, allocate, tally_gifts
    from abonde.notifications.models import Letter
    from abonde.payments.bookkeeping import clearing_of
    from abonde.payments.models import Payment
    from abonde.rounds.models import Round

    waited = _calm()
    round_ = Round.objects.select_related("host", "register", "fund__book").get()
    estimate = estimate_of(round_)
    counted = allocate(
        projects=estimate.allocation.projects.values(),
        tally=tally_gifts((Gift(*row) for row in person_gifts_rows(round_)), round_.rules),
        pots=[part.pot for part in estimate.allocation.pots],
        rules=round_.rules,
    )
    received, payment = totals_of(round_).received, Payment.objects.earliest("created_at")
    return {
        "payments by state": dict(
            Payment.objects.values_list("state").annotate(number=Count("pk")).order_by("state")
        ),
        "jobs done after the last visitor (s)": waited,
        "jobs by task": dict(
            ProcrastinateJob.objects.values_list("task_name")
            .annotate(number=Count("pk"))
            .order_by("task_name")
        ),
        "letters written": Letter.objects.count(),
        MONEY: [received, balance_of(clearing_of(payment))],
        FAULTS: list(check_book(round_.fund.book).faults),
        DIFFERENT: len(rebuild_totals(round_)),
        EQUAL: estimate.allocation.matching == counted.matching,
    }


def _calm() -> float:
    from django.db import connection

    started = time.monotonic()
    while time.monotonic() - started < SECONDS_TO_CALM_DOWN:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name IN ('payments', 'sandbox')"
            )
            (left,) = cursor.fetchone()
        if not left:
            return round(time.monotonic() - started, 1)
        time.sleep(0.5)
    raise TimeoutError(f"{left} jobs are still to be done {SECONDS_TO_CALM_DOWN} s after the last visitor.")


if __name__ == "__main__":
    main()
