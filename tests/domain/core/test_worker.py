"""The worker's connections: what a job defers belongs to what the job writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, connections
from django.db.transaction import atomic
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from abonde.core.management.commands.procrastinate import WorkerConnector
from abonde.core.tasks import forget_done_jobs
from abonde.sandbox.tasks import pay_when_due
from tests.factories import unique

pytestmark = pytest.mark.usefixtures("database")


def test_what_a_job_defers_is_there_once_the_job_has_written_and_not_before() -> None:
    kept, undone = unique("kept"), unique("undone")

    def work() -> None:
        with atomic():
            pay_when_due.defer(checkout=kept)
            with ThreadPoolExecutor(1) as others:
                assert others.submit(seen_elsewhere, kept).result() == 0, (
                    "another thread could begin it already"
                )
        with suppress(ZeroDivisionError), atomic():
            pay_when_due.defer(checkout=undone)
            raise ZeroDivisionError

    asyncio.run(in_the_worker(work))
    assert number_of_jobs(kept) == 1
    assert number_of_jobs(undone) == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")


def number_of_jobs(checkout: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args->>'checkout' = %s", [checkout])
        (found,) = cursor.fetchone()
    return int(found)


def seen_elsewhere(checkout: str) -> int:
    """What another thread sees, by a connection of its own that it closes."""
    found = number_of_jobs(checkout)
    connections.close_all()
    return found


async def in_the_worker(work: Callable[[], None]) -> None:
    """Do it as a job does: in a thread of the worker, while the worker's own connections are open."""
    with ThreadPoolExecutor(1) as threads:
        loop = asyncio.get_running_loop()
        with app.replace_connector(WorkerConnector(kwargs=connector_params())) as working:
            async with working.open_async():
                await loop.run_in_executor(threads, work)
        await loop.run_in_executor(threads, connections.close_all)


def test_jobs_that_are_done_are_forgotten_after_a_day_and_those_that_failed_are_not() -> None:
    names = {(status, hours): unique(status) for status in ("succeeded", "failed") for hours in (20, 30)}
    for (status, hours), name in names.items():
        pay_when_due.defer(checkout=name)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE args->>'checkout' = %s RETURNING id",
                [status, name],
            )
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - %s * interval '1 hour' WHERE job_id = %s",
                [hours, *cursor.fetchone()],
            )
    asyncio.run(tidied())
    left = {which for which, name in names.items() if number_of_jobs(name)}
    assert left == {("succeeded", 20), ("failed", 20), ("failed", 30)}


async def tidied() -> None:
    """The job is done as a worker does it."""
    with app.replace_connector(WorkerConnector(kwargs=connector_params())) as working:
        async with working.open_async():
            await forget_done_jobs.configure(lock=unique("tidy")).defer_async(timestamp=0)
            await working.run_worker_async(queues=["tidying"], wait=False, install_signal_handlers=False)
