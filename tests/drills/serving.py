"""`abonde serve` on the database of the tests: started, killed in parts or as a whole, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import psutil
import psycopg
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app

from abonde.core.tasks import retry_stalled
from abonde.people.models import Person
from tests.drills.killed import database_address

PATIENCE = 40.0
SERVE = "from abonde.cli import main; main()"
Found = TypeVar("Found")


def patiently(look: Callable[[], Found], what: str) -> Found:
    """What is waited for, as soon as it is there."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Platform:
    """A place where the platform is served, and what runs there."""

    folder: Path
    port: int
    serving: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, until pages answer and the worker's heart beats."""
        with (self.folder / "said").open("a") as said:
            self.serving = psutil.Popen(
                [sys.executable, "-c", SERVE, "serve"],
                env={
                    **os.environ,
                    "ABONDE_MODE": "tests",
                    "DJANGO_SETTINGS_MODULE": "abonde.config.settings",
                    "DATABASE_URL": database_address(),
                    "ABONDE_DATA_DIR": str(self.folder),
                    "ABONDE_LISTEN": f"127.0.0.1:{self.port}",
                    "ABONDE_WEB_WORKERS": "1",
                    "ABONDE_JOB_WORKERS": "1",
                },
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        patiently(self._is_ready, f"pages\n{self.said()}")

    def _is_ready(self) -> bool:
        assert self.serving is not None
        assert self.serving.poll() is None, self.said()
        try:
            return httpx.get(f"{self.url}/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def said(self) -> str:
        said = self.folder / "said"
        return said.read_text() if said.exists() else ""

    def below(self) -> list[psutil.Process]:
        """Every process that `abonde serve` started, and those that these started."""
        assert self.serving is not None
        return self.serving.children(recursive=True)

    def web_server(self) -> psutil.Process:
        """Gunicorn's first process, which starts the one that answers."""
        assert self.serving is not None
        return next(one for one in self.serving.children() if "gunicorn" in one.cmdline())

    def web_worker(self) -> psutil.Process:
        """The process that answers pages."""
        (worker,) = self.web_server().children()
        return worker

    def job_worker(self) -> psutil.Process:
        """The process that does the jobs."""
        assert self.serving is not None
        return next(one for one in self.serving.children() if "procrastinate" in one.cmdline())

    def stop(self) -> None:
        if self.serving is not None and self.serving.poll() is None:
            self.serving.terminate()
            self.serving.wait(PATIENCE)

    def as_person(self, person: Person) -> httpx.Client:
        """A browser in which the person is logged in."""
        client = Client()
        client.force_login(person)
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        return httpx.Client(base_url=self.url, cookies=cookies, timeout=PATIENCE)


@contextmanager
def served(folder: Path) -> Iterator[Platform]:
    """The platform, whose database holds no jobs of other tests; whatever still runs at the end is stopped."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'doing'")
        cursor.execute("DELETE FROM sandbox_delivery WHERE delivered_at IS NULL")
    platform = Platform(folder, free_port())
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()
        with (
            connection.cursor() as cursor
        ):  # what dead workers hold would keep it from the jobs of other tests
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'doing'")


def time_passes() -> None:
    """So long that a dead worker's heart has not beaten for a while, and the next minute begins."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'"
        )
    app.configure_task(retry_stalled.name).defer(timestamp=0)


@contextmanager
def locked(statement: str) -> Iterator[Callable[[], object]]:
    """Hold what a statement locks; gives how to wait until somebody else waits for it."""
    address = database_address()
    with psycopg.connect(address) as holder, psycopg.connect(address, autocommit=True) as watcher:
        holder.execute(statement)

        def waits() -> bool:
            waiting = "SELECT FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
            return watcher.execute(waiting, [holder.info.backend_pid]).rowcount > 0

        yield lambda: patiently(waits, "somebody who wants what is held")


def kill(process: psutil.Process) -> None:
    """kill -9, and wait until it is gone."""
    os.kill(process.pid, signal.SIGKILL)
    patiently(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "its end")
