"""A merchant who listens, and the worker that carries the sandbox's notifications to them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from abonde.matching.amounts import Cents
from abonde.sandbox.actions import open_checkout
from abonde.sandbox.models import Checkout
from abonde.sandbox.tasks import deliver_due
from tests.factories import unique

SECRET = "a secret of fifty letters that only the two of them know"


@dataclass(frozen=True, slots=True)
class Heard:
    """A notification as it arrived; header names are in lower case."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.body)
        return found


@dataclass
class Merchant:
    """A web server that keeps what is posted to it and answers with the statuses it was given, then with 200."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/paiements/avis/sandbox/?from=sandbox"

    @property
    def types(self) -> list[str]:
        return [heard.told["type"] for heard in self.heard]


@contextmanager
def a_merchant() -> Iterator[Merchant]:
    merchant = Merchant()

    class Listen(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            merchant.heard.append(Heard({**headers, ":path": self.path}, body))
            status = merchant.answers.pop(0) if merchant.answers else 200
            self.send_response(status)
            if status in {301, 302, 307}:
                self.send_header("Location", merchant.address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listen) as server:
        merchant.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield merchant
        finally:
            server.shutdown()
            thread.join()


def work(*, until: Callable[[], bool] = lambda: True, patience: float = 20) -> None:
    """Do the sandbox's jobs with the real worker, again and again until the condition holds."""
    end = time.monotonic() + patience
    asyncio.run(_work_once())
    while not until():
        assert time.monotonic() < end, "the sandbox's jobs do not come to an end"
        time.sleep(0.1)
        asyncio.run(_work_once())


async def _work_once() -> None:
    with ThreadPoolExecutor(1) as threads:  # one thread, so that its connection can be closed
        loop = asyncio.get_running_loop()
        loop.set_default_executor(threads)
        with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
            async with working.open_async():
                with suppress(AlreadyEnqueued):  # as every two seconds
                    await deliver_due.defer_async(timestamp=0)
                await working.run_worker_async(queues=["sandbox"], wait=False, install_signal_handlers=False)
        await loop.run_in_executor(None, connections.close_all)


def a_checkout(*, amount: int = 2500, reference: str = "", notice_address: str = "") -> Checkout:
    return open_checkout(
        merchant_reference=reference or unique("attempt"),
        label="Dons aux projets de la vallée",
        amount=Cents(amount),
        return_address="http://localhost:8000/paiements/retour/",
        notice_address=notice_address or "http://localhost:9/avis/",
    )
