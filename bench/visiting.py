"""A visitor who gives: fills a basket, pays at the sandbox, and comes back, as a browser does, redirections included.

The browser runs scripts: projects go into the basket by htmx. One notification in five comes twice or out of order.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Final
from urllib.parse import urlencode, urlsplit

PROOF: Final = "c" * 32
"""The token against forged forms: a browser sends it twice, as a cookie and as a field."""

AMOUNTS: Final = ("5", "10", "20", "50")
PATIENCE: Final = 60
LOOKS_AGAIN: Final = 5
"""Seconds after which the page of a payment under way looks again (abonde.web.giving.paying)."""
ONLY_TOLD: Final = 4
"""One visitor in so many closes the window after paying: a notification alone brings the money in."""

FORM: Final = re.compile(
    r'<form[^>]*action="(?P<action>[^"]*/payer/)".*?name="basket" value="(?P<basket>[^"]+)".*?name="version" value="(?P<version>\d+)"',
    re.DOTALL,
)


class Unexpected(Exception):
    """A page that is not the one a visitor would have got."""


@dataclass
class Seen:
    """What visitors lived through: seconds by page, what was thanked for in time and after it, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    payments: int = 0
    contributions: int = 0
    late: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """A browser with the session of somebody who has logged in."""

    host: str
    port: int
    session: str
    seen: Seen
    connection: HTTPConnection | None = None

    def give(self, round_: str, projects: list[str], dice: Random) -> None:
        """Give to the projects, pay, and read the thanks. Raises Unexpected."""
        basket = f"/campagnes/{round_}/panier/"
        for project in projects:  # from the project's page, which stays where it is
            self._ask("put in the basket", f"{basket}{project}/", {"amount": dice.choice(AMOUNTS)})
        *_, page = self._ask("basket", basket)
        form = FORM.search(page)
        if form is None:
            raise Unexpected("the basket cannot be paid")
        seen = {"basket": form["basket"], "version": form["version"]}
        hosted = self._sent("check out", form["action"], seen)
        self._ask("hosted page", hosted)
        manner = dice.choices(("at_once", "twice", "out_of_order"), (8, 1, 1))[0]
        back = self._sent("pay", hosted, {"choice": "pay", "manner": manner, "delay": "10"})
        if dice.randrange(ONLY_TOLD):
            self._follow(302, back, "", expected="/merci/")
        else:
            self._wait_for_thanks(back.removesuffix("retour/"))

    def close(self) -> None:
        """Close the window."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _wait_for_thanks(self, payment: str) -> None:
        """Look again as the page does by itself."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, place, page = self._ask(_page_at(payment), payment)
            if status == 302:
                self._follow(status, place, page, expected="/merci/")
                return
            time.sleep(LOOKS_AGAIN)
        raise Unexpected("no notification has brought the money in")

    def _follow(self, status: int, place: str, page: str, *, expected: str = "") -> str:
        while status == 302:
            here = place
            status, place, page = self._ask(_page_at(here), here)
            if status == 200 and not here.startswith(expected):
                raise Unexpected(f"{here} instead of {expected}")
        return page

    def _sent(self, name: str, path: str, form: dict[str, str]) -> str:
        status, place, _ = self._ask(name, path, form)
        if status != 302:
            raise Unexpected(f"{name}: no redirection")
        return place

    def _ask(self, name: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, place of a redirection without its host, and page. Raises Unexpected for an error page."""
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={PROOF}", "Accept-Language": "fr"}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": PROOF})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            if "/panier/" in path:
                headers["HX-Request"] = "true"
        started = time.perf_counter()
        status, place, page = self._answer("GET" if form is None else "POST", path, body, headers)
        self.seen.seconds.setdefault(name, []).append(time.perf_counter() - started)
        if status not in {200, 302}:
            raise Unexpected(f"{name} {path}: {status}")
        return status, urlsplit(place).path, page

    def _answer(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str, str]:
        for attempt in range(2):
            if self.connection is None:
                self.connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                page = answer.read().decode()
            except (HTTPException, OSError) as problem:
                # A kept connection may have been closed by the server meanwhile: browsers open another one.
                fresh, self.connection = self.connection.sock is None, None
                if attempt or fresh:
                    raise Unexpected(repr(problem)) from problem
                continue
            if answer.will_close:
                self.close()
            return answer.status, answer.headers["Location"] or "", page
        raise Unexpected(f"{path}: no answer")


def _page_at(path: str) -> str:
    """What people would call the page of that address."""
    room, *_, last = path.strip("/").split("/")
    if room == "paiements":
        return "return" if last == "retour" else "payment"
    return {"merci": "thanks"}.get(room, "basket")
