"""gunicorn's settings: pages of all processes count into one set of measures, and every line of log is JSON."""

from __future__ import annotations

import gc
import os
import shutil
from typing import TYPE_CHECKING, Final

from gunicorn.glogging import Logger

from abonde.config.settings import DATA_DIR, LISTEN, LOGGING, WEB_THREADS, WEB_WORKERS

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

MEASURES: Final = DATA_DIR / "measures"
"""Where the processes put their counts together; prometheus_client reads its name as it is imported."""


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn says nothing of its types
    """gunicorn's log without a line for each page: the platform writes its own, and knows more about it."""

    access_log_enabled = False


bind = LISTEN
workers = WEB_WORKERS
threads = WEB_THREADS
graceful_timeout = 20
# A reader comes back within a minute. A short wait also drops new callers when the machine is busy: they count as idle.
keepalive = 60
control_socket_disable = True
logconfig_dict = LOGGING
logger_class = QuietLogger


def on_starting(_server: Arbiter) -> None:
    """Count from nothing: what is left of former processes would stay for ever."""
    shutil.rmtree(MEASURES, ignore_errors=True)
    MEASURES.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(MEASURES)


def post_worker_init(_worker: Worker) -> None:
    """What is loaded by now stays for good: looking through it for garbage again and again would stop pages midway.

    What a page makes and drops goes by itself, but for cycles: looking for those 30 times less often spares 3 % of the work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Forget what a process that is gone was doing at the moment."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
