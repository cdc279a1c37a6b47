"""Pages under the eye: queries and server time of what citizens open most, in a round with 200 projects.

python -m bench.pages [--projects 200] [--gifts 2000] [--times 300] [--write]

Asks the application in this process, middleware included, on a durable PostgreSQL of its own, after a warm-up of ten.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bench.machine import describe_machine
from bench.report import output_option, table, write_section

if TYPE_CHECKING:
    from django.test import Client

WARM_UP = 10

TEXT = """Server time of a page, middleware included, for a visitor who has logged in and for one who has not: a round with
{projects} projects and {gifts} gifts, asked {times} times in one process after a warm-up.
"""


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(prog="python -m bench.pages")
    options.add_argument("--projects", type=int, default=200)
    options.add_argument("--gifts", type=int, default=2000)
    options.add_argument("--times", type=int, default=300)
    output_option(options)
    chosen = options.parse_args()
    from abonde.core import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="abonde-bench-"))
    data = embedded_postgres.home_of(folder)
    os.environ.update(
        ABONDE_MODE="tests",
        ABONDE_LOG_LEVEL="WARNING",
        DATABASE_URL=embedded_postgres.start(data),
        DJANGO_SETTINGS_MODULE="tests.settings",
    )
    try:
        found = table(("page", "visitor", "queries", "median", "p95"), _rows(chosen))
    finally:
        embedded_postgres.stop(data)
        for place in (data, folder):
            shutil.rmtree(place, ignore_errors=True)
    print(found)
    if chosen.write:
        words = TEXT.format(**vars(chosen))
        write_section("Pages", f"{words}\n{found}\nMeasured on: {describe_machine()}.")


def _rows(chosen: argparse.Namespace) -> list[tuple[str, ...]]:
    import django

    django.setup()
    from django.test import Client

    from bench.giving import _fill

    world = _fill(chosen.projects, 20)
    _give(chosen.gifts)
    addresses = {
        "home": "/",
        "round": f"/campagnes/{world['round']}/",
        "round, last page": f"/campagnes/{world['round']}/?page=9",
        "project": f"/campagnes/{world['round']}/projets/{world['projects'][0]}/",
        "basket": f"/campagnes/{world['round']}/panier/",
    }
    gc.collect()
    gc.freeze()  # as the web server does once it has loaded
    rows = []
    for who in ("a visitor", "logged in"):
        client = Client(headers={"accept-language": "fr"}, SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
        if who == "logged in":
            client.cookies["sessionid"] = world["sessions"][0]
            for slug in world["projects"][:3]:
                client.post(f"/campagnes/{world['round']}/panier/{slug}/", {"amount": "10"})
        rows += [_row(client, name, who, address, chosen.times) for name, address in addresses.items()]
    return rows


def _row(client: Client, name: str, who: str, address: str, times: int) -> tuple[str, ...]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(WARM_UP):
        answer = client.get(address, follow=True)
        assert answer.status_code == HTTPStatus.OK, (address, answer.status_code, answer.content[:500])
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    queries = len(asked)  # forgotten at the next page
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(address)
        seconds.append(time.perf_counter() - began)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return name, who, str(queries), f"{1000 * statistics.median(seconds):.0f} ms", f"{1000 * p95:.0f} ms"


def _give(gifts: int) -> None:
    from django.db.transaction import atomic

    from abonde.projects.models import Project
    from tests.factories import a_settled_gift

    dice, projects = Random(1), list(Project.objects.select_related("round"))
    with atomic():
        for _ in range(gifts):
            a_settled_gift(dice.choice(projects), dice.choice((500, 1000, 2000)))


if __name__ == "__main__":
    main()
