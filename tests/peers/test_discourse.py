"""DiscourseConnect: members of a forum log in; what the forum did not sign, for us, now, is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.peers.hostile import SECRET
from tests.peers.visitor import Site, Visitor, parameters_of, refused

pytestmark = pytest.mark.usefixtures("database")

FORUM: Final = "https://forum.example.org/session/sso_provider?"


def signed(said: dict[str, str], secret: str = SECRET) -> dict[str, str]:
    """As the forum does it."""
    payload = base64.b64encode(urlencode(said).encode())
    return {"sso": payload.decode(), "sig": hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()}


def asked_by(visitor: Visitor) -> dict[str, str]:
    """The forum's question: a nonce and our return address, signed with the shared secret."""
    address = visitor.begin()
    assert address.startswith(FORUM)
    question = parameters_of(address)
    said = dict(parse_qsl(base64.b64decode(question["sso"]).decode()))
    assert signed(said) == question
    return said


def member(visitor: Visitor, **said: str) -> dict[str, str]:
    """The forum's answer about its member 42."""
    return {
        **asked_by(visitor),
        "external_id": "42",
        "email": "one-mailbox@example.org",
        "username": "angela",
        **said,
    }


def test_log_in_and_come_again(forum: Site) -> None:
    """A member is known by number: another address or name is the same member."""
    first, again = forum.visitor(), forum.visitor()
    first.come_back(signed(member(first)))
    again.come_back(signed(member(again, email="other@example.org", username="renamed")))
    assert first.person is not None
    assert first.person == again.person


def test_two_members_with_one_address_are_two(forum: Site) -> None:
    first, second = forum.visitor(), forum.visitor()
    first.come_back(signed(member(first)))
    second.come_back(signed(member(second, external_id="43")))
    assert first.logged_in
    assert second.logged_in
    assert first.person != second.person


def tampered(answer: dict[str, str]) -> dict[str, str]:
    payload = base64.b64decode(answer["sso"]).replace(b"external_id=42", b"external_id=1")
    return {**answer, "sso": base64.b64encode(payload).decode()}


ATTACKS: Final[dict[str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "signed with another secret": lambda said: signed(said, "mallory"),
    "signed with nothing": lambda said: signed(said, ""),
    "payload changed after signing": lambda said: tampered(signed(said)),
    "signature missing": lambda said: {"sso": signed(said)["sso"]},
    "signature not ASCII": lambda said: {**signed(said), "sig": "é" * 64},
    "payload missing": lambda said: {"sig": signed(said)["sig"]},
    "nonce of nobody": lambda said: signed({**said, "nonce": "n" * 43}),
    "nonce missing": lambda said: signed({name: value for name, value in said.items() if name != "nonce"}),
    "foreign return address": lambda said: signed({**said, "return_sso_url": "https://mallory.example/"}),
    "no member": lambda said: signed({**said, "external_id": ""}),
    "log-in failed at the forum": lambda said: signed({**said, "failed": "true"}),
    "our own question sent back": lambda said: signed(
        {name: said[name] for name in ("nonce", "return_sso_url")}
    ),
    "huge": lambda said: signed({**said, "avatar": "x" * 10_000}),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_attack(forum: Site, attack: Callable[[dict[str, str]], dict[str, str]]) -> None:
    visitor = forum.visitor()
    refused(visitor.come_back(attack(member(visitor))))


def test_nonce_is_good_once(forum: Site) -> None:
    visitor = forum.visitor()
    answer = signed(member(visitor))
    assert visitor.come_back(answer).logged_in
    visitor.log_out()
    refused(visitor.come_back(answer))


def test_nonce_expires(forum: Site) -> None:
    visitor = forum.visitor()
    answer = signed(member(visitor))
    forum.let_attempts_expire()
    refused(visitor.come_back(answer))


def test_nonce_of_another_browser(forum: Site) -> None:
    mallory, victim = forum.visitor(), forum.visitor()
    answer = signed(member(mallory))
    victim.begin()
    refused(victim.come_back(answer))


def test_secret_missing_in_the_environment(forum: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty secret is ever signed with."""
    visitor = forum.visitor()
    said = member(visitor)
    monkeypatch.delenv(forum.row.secret_variable)
    refused(visitor.come_back(signed(said, "")))
