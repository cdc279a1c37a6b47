"""Certified OpenID providers on this machine's loopback, and the browser of somebody who logs in through them.

`tests/peers/openid` holds them: the npm package `oidc-provider`, set up as FranceConnect v2, as ProConnect and as a
realm of Keycloak, all three in one Node.js process.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urljoin

import httpx
import pytest

PEERS: Final = Path(__file__).parent / "peers"
BUILD: Final = Path(__file__).parents[1] / "build" / "peers"
SOURCE: Final = PEERS / "openid"
INSTALLED: Final = BUILD / "openid"
STANDARD_LOCK: Final = PEERS / "standard" / "requirements.txt"
STANDARD: Final = BUILD / "standard"
STAMP: Final = ".installed"
OLDEST_NODE: Final = 20
SECRET: Final = "a secret that peers and Abonde share, long enough for HS256"
PATIENCE: Final = 30.0
MOST_STEPS: Final = 10

ACTION: Final = re.compile(r'<form [^>]*action="([^"]+)"')
HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')

Claims = Mapping[str, object]


@dataclass(frozen=True)
class Peer:
    """One provider: how a relying party knows it."""

    kind: str
    issuer: str
    client_id: str
    algorithm: str
    client_secret: str = SECRET

    def leave_by(self, address: str, **said: str) -> str:
        """Walk from an authorize or log-out address to where the provider sends the browser back to.

        `said` answers its forms: account="angela", or error="access_denied".
        """
        with httpx.Client() as client:
            answer = client.get(address)
            for _ in range(MOST_STEPS):
                if answer.is_redirect:
                    target = urljoin(str(answer.url), answer.headers["location"])
                    if not target.startswith(self.origin):
                        return target
                    answer = client.get(target)
                    continue
                assert answer.status_code == httpx.codes.OK, (answer.status_code, answer.text)
                answer = self._send_form(client, answer, said)
        raise AssertionError(f"still at the provider after {MOST_STEPS} steps")

    @property
    def origin(self) -> str:
        return str(httpx.URL(self.issuer).join("/"))

    def _send_form(
        self, client: httpx.Client, answer: httpx.Response, said: Mapping[str, str]
    ) -> httpx.Response:
        action = ACTION.search(answer.text)
        hidden = dict(HIDDEN.findall(answer.text))
        return client.post(
            answer.url.join(action[1] if action else ""), data={"logout": "yes"} | hidden | dict(said)
        )


@contextmanager
def openid_peers(people: Mapping[str, Claims], clients: Mapping[str, Claims]) -> Iterator[dict[str, Peer]]:
    """The providers named in `clients`, each with the addresses it may return to, while the test lasts."""
    _install()
    command = [_node(), "--no-warnings", "serve.mjs"]
    with subprocess.Popen(
        command,
        cwd=INSTALLED,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given = {"secret": SECRET, "people": people, "clients": clients}
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        started = json.loads(process.stdout.readline())
        yield {kind: Peer(kind, **facts) for kind, facts in started.items()}
        process.stdin.close()
        process.wait(PATIENCE)


@contextmanager
def standard_peer(person: Claims) -> Iterator[Peer]:
    """A provider by other hands, which says no `iss` in its callback and signs no userinfo: `oidc-provider-mock`."""
    port = _free_port()
    command = [_install_standard(), "--port", str(port), "--user-claims", json.dumps(person)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peer = Peer("openid", f"http://127.0.0.1:{port}", "abonde", "RS256")
        _await(peer.issuer + "/.well-known/openid-configuration")
        yield peer
        process.terminate()
        process.wait(PATIENCE)


def _install() -> None:
    """The exact packages of the lock of npm; the sources stand beside them, where Node.js looks for packages."""
    with _turn(INSTALLED):
        for file in SOURCE.iterdir():
            shutil.copy(file, INSTALLED)
        if _is_new(lock := SOURCE / "package-lock.json", INSTALLED):
            quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
            subprocess.run(
                [_program("npm"), "ci", *quietly], cwd=INSTALLED, check=True, stdout=subprocess.DEVNULL
            )
            shutil.copy(lock, INSTALLED / STAMP)


def _install_standard() -> str:
    """The exact packages of its own lock, in an environment of its own; gives the program."""
    with _turn(STANDARD):
        if _is_new(STANDARD_LOCK, STANDARD):
            uv = str(Path(sys.executable).with_name("uv"))
            place = str(STANDARD / "venv")
            quietly = ("--quiet", "--python", place, "--require-hashes", "-r", str(STANDARD_LOCK))
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, "--clear", place], check=True)
            subprocess.run([uv, "pip", "install", *quietly], check=True)
            shutil.copy(STANDARD_LOCK, STANDARD / STAMP)
    return str(STANDARD / "venv" / "bin" / "oidc-provider-mock")


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Processes that test at once install one after the other."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _is_new(lock: Path, folder: Path) -> bool:
    stamp = folder / STAMP
    return not stamp.exists() or stamp.read_text() != lock.read_text()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            httpx.get(address).raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < end, f"nothing answers at {address}"
            time.sleep(0.1)
        else:
            return


def _node() -> str:
    node = _program("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        _do_without(f"Node.js {OLDEST_NODE} or newer, not {version.strip()}")
    return node


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        _do_without(f"{name}: apt-get install nodejs npm")
    return program


def _do_without(what: str) -> NoReturn:
    if os.environ.get("ABONDE_TEST_PEERS") == "required":
        pytest.fail(f"needs {what}")
    pytest.skip(f"needs {what}")
