"""The web server as `abonde serve` starts it: several processes that count together, and speak JSON."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from abonde.web.middleware import public_address

PATIENCE: Final = 30.0
LIVE: Final = re.compile(
    r'^django_http_requests_total_by_view_transport_method_total\{.*view="health-live"\} (\d+)', re.MULTILINE
)


class Site:
    """A server without a database: what is asked here needs none."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.log = folder / "log"
        environment = {
            **os.environ,
            "ABONDE_MODE": "demo",
            "ABONDE_DATA_DIR": str(folder),
            "ABONDE_LISTEN": f"127.0.0.1:{self.port}",
            "DJANGO_SETTINGS_MODULE": "abonde.config.settings",
        }
        collect = [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity=0"]
        subprocess.run(collect, env=environment, check=True)
        serve = [
            *(sys.executable, "-m", "gunicorn", "abonde.config.wsgi"),
            "--config=python:abonde.config.web_server",
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(serve, env=environment, stdout=log, stderr=log)

    def ask(self, path: str, host: str = "") -> tuple[int, dict[str, str], str]:
        """Status, headers in small letters, and text; waits until somebody answers."""
        end = time.monotonic() + PATIENCE
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{self.port}"})
                answer = connection.getresponse()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, headers, answer.read().decode()
            except ConnectionError:
                assert time.monotonic() < end, self.log.read_text("utf-8")
                time.sleep(0.1)
            finally:
                connection.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.process.terminate()
    made.process.wait(PATIENCE)


def test_measures_of_all_processes_are_told_together(site: Site) -> None:
    for _ in range(20):
        assert site.ask("/health/live")[0] == 200
    counted = {tuple(LIVE.findall(site.ask("/metrics")[2])) for _ in range(8)}
    assert counted == {("20",)}


def test_files_of_the_pages_are_kept_for_long_and_named_by_what_they_hold(site: Site) -> None:
    _status, _headers, page = site.ask("/style/")
    names = re.findall(r'"(/static/abonde/[^"#]+)', page)
    assert len(names) > 5
    assert all(re.search(r"\.[0-9a-f]{12}\.\w+$", name) for name in names)
    for name in {name for name in names if name.endswith((".css", ".svg"))}:
        status, headers, _text = site.ask(name)
        assert status == 200
        assert "immutable" in headers["cache-control"]


def test_who_comes_by_another_name_is_led_to_the_public_one(site: Site) -> None:
    other = f"localhost:{site.port}"
    status, headers, _text = site.ask("/style/?q=caf%C3%A9", host=other)
    assert status == 302
    assert headers["location"] == f"http://127.0.0.1:{site.port}/style/?q=caf%C3%A9"
    assert site.ask("/health/live", host=other)[0] == 200
    assert site.ask("/metrics", host=other)[0] == 200
    assert site.ask("/style/", host="elsewhere.example")[0] == 400


def test_every_line_of_log_is_json(site: Site) -> None:
    site.ask("/health/live")
    lines = [json.loads(line) for line in site.log.read_text("utf-8").splitlines()]
    assert {"gunicorn.error", "abonde.requests"} <= {line["logger"] for line in lines}
    assert all(line["timestamp"].endswith("Z") for line in lines)


@pytest.mark.parametrize(
    ("public", "host", "leads"),
    [
        ("https://Dons.Example.fr", "dons.example.fr", False),
        ("https://dons.example.fr:443", "dons.example.fr", False),
        ("https://dôme.example.fr", "xn--dme-kna.example.fr", False),
        ("https://dons.example.fr", "www.dons.example.fr", True),
    ],
)
def test_the_public_name_is_known_however_it_is_written(
    settings: Settings, public: str, host: str, leads: bool
) -> None:
    settings.LEADS_TO_PUBLIC_URL, settings.PUBLIC_URL, settings.ALLOWED_HOSTS = True, public, ["*"]
    middleware = public_address(lambda _request: HttpResponse("the page"))

    def ask(request: HttpRequest) -> int:
        return middleware(request).status_code

    assert ask(RequestFactory().get("/x", headers={"host": host})) == (302 if leads else 200)
    assert ask(RequestFactory().post("/x", headers={"host": host})) == 200


def test_without_a_public_name_nobody_is_led_anywhere(settings: Settings) -> None:
    settings.LEADS_TO_PUBLIC_URL = False
    with pytest.raises(MiddlewareNotUsed):
        public_address(lambda _request: HttpResponse())
