"""`abonde serve`: the platform on one machine, web and worker together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from ctypes import CDLL
from gettext import gettext as _
from types import FrameType

import click

from abonde.cli.speaking import Command
from abonde.language import mark

SECONDS_TO_LOOK = 0.5
SECONDS_TO_STOP = 30
PR_SET_PDEATHSIG = 1
"""Linux: the signal that a process is sent when the one that started it dies (man 2 prctl)."""


class _Stop(Exception):
    """Somebody asked for the end."""


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


@click.command(cls=Command, help=mark("Serve the platform: web pages and background jobs."))
def serve() -> None:
    """Bring the database up to date, run web and worker, and end with the first of them that ends."""
    make_ready()
    run_platform()


def make_ready() -> None:
    """Start the database and bring its tables and the collected files up to date."""
    from abonde.config.run import prepare

    prepare()
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    for folder in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        folder.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)


def run_platform() -> None:
    """Run web and worker until somebody asks for the end; then end the embedded database too."""
    from django.conf import settings

    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, _ask_to_stop)
    web = [
        *(sys.executable, "-m", "gunicorn", "abonde.config.wsgi"),
        "--config=python:abonde.config.web_server",
    ]
    worker = [
        sys.executable,
        "-m",
        "abonde.config",
        "procrastinate",
        "worker",
        f"--concurrency={settings.JOB_WORKERS}",
    ]
    click.echo(f"http://{settings.LISTEN}/")
    code = _run_together({"web": web, "worker": worker})
    if not settings.DATABASE_URL:
        from abonde.core import embedded_postgres

        embedded_postgres.stop(settings.EMBEDDED_DATABASE)
    sys.exit(code)


def _run_together(commands: dict[str, list[str]]) -> int:
    """Run until asked to stop (0) or until one ends by itself (1); then end the others."""
    # Sessions of their own: Ctrl-C reaches this process alone, which ends them in order.
    running = {
        name: subprocess.Popen(command, start_new_session=True, preexec_fn=_bound_to_this_process())  # noqa: PLW1509  (one thread)
        for name, command in commands.items()
    }
    try:
        while True:
            for name, process in running.items():
                try:
                    code = process.wait(SECONDS_TO_LOOK)
                except subprocess.TimeoutExpired:
                    continue
                click.echo(
                    _("The {name} process ended by itself (code {code}); the rest is stopped.").format(
                        name=name, code=code
                    ),
                    err=True,
                )
                return 1
    except _Stop:
        return 0
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def _bound_to_this_process() -> Callable[[], None] | None:
    """What a child does before its program begins, so that it stops with this process even if that is killed.

    Elsewhere than on Linux nothing does this; there a service manager must end the group.
    """
    if sys.platform != "linux":
        return None
    library, parent = CDLL(None), os.getpid()

    def bind() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it could be bound to
            os._exit(1)

    return bind
