"""Tokens that lie: each is refused with a sentence, and nobody is logged in."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.peers.hostile import (
    PERSON,
    SECRET,
    SUBJECT,
    Answer,
    Claims,
    Key,
    Provider,
    Token,
    compact,
    new_key,
    said,
)
from tests.peers.visitor import Site, refused

pytestmark = pytest.mark.usefixtures("database")
Lie = Callable[[Provider], Token]
HOUR: Final = 3600
FOREIGN: Final = "https://mallory.example"


def claims(**lies: object) -> Lie:
    return lambda _: Token(claims=lies)


def header(**lies: object) -> Lie:
    return lambda _: Token(header=lies)


def at(seconds: int, name: str) -> Lie:
    return lambda _: Token(claims={name: int(time.time()) + seconds})


def unsigned(_: Provider) -> Token:
    return Token(header={"alg": "none"}, forge=lambda head, body: compact(head, body, lambda _: b""))


def signature_stripped(_: Provider) -> Token:
    return Token(forge=lambda head, body: compact(head, body, lambda _: b""))


def public_key_as_secret(provider: Provider) -> Token:
    """The public key, which everybody has, taken for a secret of HMAC."""
    (key,) = provider.keys
    assert isinstance(key, ECKey)
    secret = key.as_pem(private=False)

    def forge(head: Claims, body: Claims) -> str:
        return compact(head, body, lambda text: hmac.digest(secret, text, hashlib.sha256))

    return Token(header={"alg": "HS256"}, forge=forge)


def client_secret_as_key(_: Provider) -> Token:
    return Token(header={"alg": "HS256"}, key=OctKey.import_key(SECRET))


def algorithm_not_pinned(provider: Provider) -> Token:
    """A good signature with a published key, by an algorithm that was not agreed on."""
    key = RSAKey.generate_key(2048, {"kid": "factors", "use": "sig", "alg": "RS256"})
    provider.keys.insert(0, key)
    return Token(header={"alg": "RS256"}, key=key)


def other_key_under_the_same_kid(_: Provider) -> Token:
    return Token(key=new_key("first"))


def named_key(**named: str) -> Lie:
    """A key of Mallory's, with a header that says where to find it."""

    def lie(provider: Provider) -> Token:
        key: Key = new_key("mallory")
        places: Claims = {name: provider.origin + path for name, path in named.items()}
        provider.answers.update({path: keys_of(key) for path in named.values()})
        return Token(header=places, key=key)

    return lie


def embedded_key(_: Provider) -> Token:
    key = new_key("mallory")
    return Token(header={"jwk": key.as_dict(private=False)}, key=key)


def keys_of(*keys: Key) -> Answer:
    return said({"keys": [key.as_dict(private=False) for key in keys]})


ID_TOKENS: Final[dict[str, Lie]] = {
    "alg none": unsigned,
    "signature stripped": signature_stripped,
    "public key as HMAC secret": public_key_as_secret,
    "client secret as HMAC key": client_secret_as_key,
    "algorithm not pinned": algorithm_not_pinned,
    "other key under the same kid": other_key_under_the_same_kid,
    "kid unknown": lambda _: Token(key=new_key("nobody-knows")),
    "kid as a path": lambda _: Token(key=new_key("../../../../dev/null")),
    "kid as an address": lambda provider: Token(key=new_key(provider.origin + "/keys-of-mallory")),
    "kid as SQL": lambda _: Token(key=new_key("' OR 1=1 --")),
    "jku": named_key(jku="/keys-of-mallory"),
    "x5u": named_key(x5u="/keys-of-mallory"),
    "embedded jwk": embedded_key,
    "crit that we do not know": header(crit=["mallory"], mallory=True),
    "aud of another": claims(aud="another-client"),
    "aud missing": claims(aud=None),
    "aud with a stranger": claims(aud=["abonde", "mallory"]),
    "azp of another": claims(azp="another-client"),
    "iss of another": claims(iss=FOREIGN),
    "iss missing": claims(iss=None),
    "exp past": at(-HOUR, "exp"),
    "exp missing": claims(exp=None),
    "exp as text": claims(exp="never"),
    "iat in the future": at(HOUR, "iat"),
    "iat missing": claims(iat=None),
    "nonce of another": claims(nonce="n" * 43),
    "nonce missing": claims(nonce=None),
    "acr too low": claims(acr="eidas0"),
    "acr missing": claims(acr=None),
    "sub missing": claims(sub=None),
    "sub empty": claims(sub=""),
    "sub not a text": claims(sub=["5"]),
}

USERINFO: Final[dict[str, Lie]] = {
    "alg none": unsigned,
    "public key as HMAC secret": public_key_as_secret,
    "client secret as HMAC key": client_secret_as_key,
    "algorithm not pinned": algorithm_not_pinned,
    "other key under the same kid": other_key_under_the_same_kid,
    "kid unknown": lambda _: Token(key=new_key("nobody-knows")),
    "sub of another": claims(sub="6" * 64 + "v1"),
    "sub missing": claims(sub=None),
    "aud of another": claims(aud="another-client"),
    "iss of another": claims(iss=FOREIGN),
    "exp past": at(-HOUR, "exp"),
}


@pytest.mark.parametrize("lie", ID_TOKENS.values(), ids=ID_TOKENS)
def test_id_token(hostile: Provider, site: Site, lie: Lie) -> None:
    hostile.id_token = lie(hostile)
    refused(site.visitor().log_in())
    assert "/keys-of-mallory" not in hostile.asked


@pytest.mark.parametrize("lie", USERINFO.values(), ids=USERINFO)
def test_userinfo(hostile: Provider, site: Site, lie: Lie) -> None:
    hostile.userinfo = lie(hostile)
    refused(site.visitor().log_in())


def test_userinfo_unsigned(hostile: Provider, site: Site) -> None:
    """Plain JSON where signed userinfo was agreed on, with the right sub."""
    hostile.answers["/userinfo"] = said({"sub": SUBJECT, **PERSON})
    refused(site.visitor().log_in())


@pytest.mark.parametrize(
    "token",
    [{"id_token": None}, {"id_token": "a.b.c"}, {"id_token": 5}, {"access_token": None}],
    ids=["no id_token", "not a token", "a number", "no access_token"],
)
def test_token_answer(hostile: Provider, site: Site, token: Claims) -> None:
    hostile.token_answer = token
    refused(site.visitor().log_in())


def test_rotated_keys_work(hostile: Provider, site: Site) -> None:
    """A new key is fetched when a token names it, though the old ones were kept."""
    assert site.visitor().log_in().logged_in
    hostile.keys.append(new_key("second"))
    assert site.visitor().log_in().logged_in


def test_unknown_kids_do_not_make_us_ask_for_ever(hostile: Provider, site: Site) -> None:
    """Whoever sends tokens with ever other kids cannot have the provider's keys fetched each time."""
    hostile.id_token = Token(key=new_key("nobody-knows"))
    for _ in range(5):
        refused(site.visitor().log_in())
    assert hostile.asked.count("/jwks") <= 3
