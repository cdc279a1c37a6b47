"""A whole installation for the walks: pages, a worker in a process of its own, and the letters that it sends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

TREE = Path(__file__).parents[2]
BETWEEN_LETTERS = b"-" * 79 + b"\n"
CODE = re.compile(r"\b\d{4}-\d{4}\b")
PATIENCE = 30.0
Found = TypeVar("Found")


def patiently(look: Callable[[], Found | None], what: str) -> Found:
    """What a job brings about, as soon as it is there."""
    end = time.monotonic() + PATIENCE
    while True:
        if found := look():
            return found
        assert time.monotonic() < end, f"nothing came: {what}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Installation:
    """Its address, and the folder into which its letters go."""

    url: str
    mail: Path

    def letters(self, address: str) -> list[EmailMessage]:
        """What has been sent to somebody, the oldest first."""
        files = sorted(self.mail.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        parts = [part for file in files for part in file.read_bytes().split(BETWEEN_LETTERS) if part.strip()]
        letters = [message_from_bytes(part, EmailMessage, policy=default) for part in parts]
        return [letter for letter in letters if letter["To"] == address]

    def letter(self, address: str, words: str) -> str:
        """The text of the latest letter to somebody that holds the words, in its subject or below."""

        def look() -> str | None:
            texts = [f"{letter['Subject']}\n{text_of(letter)}" for letter in self.letters(address)]
            return next((text for text in reversed(texts) if words in text), None)

        return patiently(look, f"a letter to {address} with “{words}”")

    def code(self, address: str, *, after: int) -> str:
        """The code in the latest letter, once there are more than `after` letters with a code."""

        def look() -> str | None:
            codes = [one for letter in self.letters(address) for one in CODE.findall(text_of(letter))[:1]]
            return codes[-1] if len(codes) > after else None

        return patiently(look, f"a code for {address}")

    def number_of_codes(self, address: str) -> int:
        return sum(1 for letter in self.letters(address) if CODE.search(text_of(letter)))


def text_of(letter: EmailMessage) -> str:
    """The part of a letter without HTML."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """The installation while the test lasts."""
    cache.clear()
    mail = folder / "mail"
    mail.mkdir()
    with connection.cursor() as cursor:
        # Jobs that other tests left behind would be done first, and speak to servers that are gone.
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
        cursor.execute("DELETE FROM sandbox_delivery WHERE delivered_at IS NULL")
    server = LiveServer("localhost")
    with override_settings(PUBLIC_URL=server.url, PAYMENT_PROVIDER="sandbox"), _worker(server.url, mail):
        yield Installation(server.url, mail)
    server.stop()


@contextmanager
def _worker(url: str, mail: Path) -> Iterator[None]:
    environment = {
        **os.environ,
        "ABONDE_MODE": "tests",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": _database(),
        "ABONDE_PUBLIC_URL": url,
        "ABONDE_MAIL_URL": f"file:///{mail}",
    }
    command = (
        "-m",
        "abonde.config",
        "procrastinate",
        "worker",
        "--concurrency",
        "1",
        "--fetch-job-polling-interval",
        "0.5",
    )
    process = subprocess.Popen([sys.executable, *command], cwd=TREE, env=environment)
    try:
        yield
        assert process.poll() is None, "the worker has ended by itself"
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _database() -> str:
    settings = {key: str(value or "") for key, value in connection.settings_dict.items() if key != "OPTIONS"}
    place = {name.lower(): settings[name] for name in ("HOST", "PORT") if settings[name]}
    password = f":{quote(settings['PASSWORD'], safe='')}" if settings["PASSWORD"] else ""
    return f"postgresql://{quote(settings['USER'], safe='')}{password}@/{settings['NAME']}?{urlencode(place)}"


@dataclass
class Walker:
    """Somebody at a browser, who counts what they have to do: taps on links and buttons, and fields to fill."""

    page: Page
    site: Installation
    taps: int = 0
    fields: int = 0
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(10_000)
        self.page.on("response", lambda answer: self._heard(answer.status, answer.url))

    def _heard(self, status: int, url: str) -> None:
        if status >= 400:
            self.troubles.append(f"{status} {url}")

    def arrive(self, path: str) -> None:
        """Come by an address, as from a poster or a letter."""
        self.page.goto(path if path.startswith("http") else self.site.url + path)

    def tap(self, what: str) -> None:
        """A link or a button: the first that is seen."""
        self.page.locator(f"{what} >> visible=true").first.click()
        self.taps += 1

    def fill(self, name: str, text: str) -> None:
        """A field, by its name."""
        self.page.locator(f"[name='{name}'] >> visible=true").first.fill(text)
        self.fields += 1

    def send(self, what: str = "main form .actions button") -> None:
        """The button of a form; a refused form says so at once."""
        self.tap(what)
        wrong = self.page.locator(".error-summary, .field__errors li, .notice--danger").all_inner_texts()
        assert not wrong, (self.page.url, wrong)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site.url)

    @property
    def words(self) -> str:
        """What the page says, with plain spaces."""
        return re.sub(r"[\s  ]+", " ", self.page.locator("main").inner_text())

    def log_in(self, address: str) -> None:
        """From the page that asks for an address to wherever the code leads."""
        known = self.site.number_of_codes(address)
        self.fill("email", address)
        self.send("form[action='/compte/connexion/'] .actions button")
        self.fill("code", self.site.code(address, after=known))
        self.send(".code-form button")
