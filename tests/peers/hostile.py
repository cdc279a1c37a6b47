"""An OpenID provider on loopback that is honest until a test tells it how to lie.

Honest, it answers as FranceConnect v2 does. A lie is one change: a claim, a header, a key, a signature, or what an
address answers.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

ALGORITHM: Final = "ES256"
CLIENT_ID: Final = "abonde"
SECRET: Final = "a secret that Mallory and Abonde share, long enough"
DISCOVERY: Final = "/.well-known/openid-configuration"
SUBJECT: Final = "5" * 64 + "v1"
PERSON: Final = {
    "given_name": "Angela Claire",
    "family_name": "Dubois",
    "birthdate": "1962-08-24",
    "birthplace": "75107",
}

Claims = dict[str, object]
Key = ECKey | RSAKey | OctKey


@dataclass
class Answer:
    """What an address gives: a body, or whatever else a bad day brings."""

    status: int = 200
    body: bytes = b""
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0
    """Between each of its bytes, when it is slow."""


@dataclass
class Token:
    """How a token is made: claims and header changed (None removes), another key, or a forgery of one's own."""

    claims: Claims = field(default_factory=dict)
    header: Claims = field(default_factory=dict)
    key: Key | None = None
    forge: Callable[[Claims, Claims], str] | None = None
    """Of header and claims."""


class Provider:
    """The provider and its lies; `asked` is every path that was asked for."""

    def __init__(self) -> None:
        self.keys: list[Key] = [new_key("first")]
        self.discovery: Claims = {}
        self.id_token = Token()
        self.userinfo = Token()
        self.token_answer: Claims = {}
        self.answers: dict[str, Answer] = {}
        self.callback: Claims = {}
        self.asked: list[str] = []
        self.posted: list[dict[str, str]] = []
        self._nonces: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = self.origin

    def consent(self, authorize: str) -> dict[str, str]:
        """What the browser brings back from an authorize address whose person agreed; `callback` changes it."""
        asked = dict(parse_qsl(urlsplit(authorize).query))
        code = secrets.token_urlsafe(20)
        self._nonces[code] = asked.get("nonce", "")
        honest = {"code": code, "state": asked["state"], "iss": self.issuer}
        return {name: str(value) for name, value in changed(honest, self.callback).items()}

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """To one request."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == DISCOVERY:
            return said(changed(self._facts(), self.discovery))
        if path == "/jwks":
            return said({"keys": [key.as_dict(private=False) for key in self.keys]})
        if path == "/token" and method == "POST":
            return self._token(dict(parse_qsl(body.decode())))
        if path == "/userinfo":
            return Answer(body=self._signed(self.userinfo, PERSON).encode(), type="application/jwt")
        return Answer(status=404)

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _facts(self) -> Claims:
        addresses = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "userinfo_endpoint": "/userinfo",
            "jwks_uri": "/jwks",
            "end_session_endpoint": "/session/end",
        }
        return {
            "issuer": self.issuer,
            **{name: self.origin + path for name, path in addresses.items()},
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM, "RS256", "HS256", "none"],
            "userinfo_signing_alg_values_supported": [ALGORITHM, "RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "acr_values_supported": ["eidas1"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _token(self, form: dict[str, str]) -> Answer:
        self.posted.append(form)
        nonce = self._nonces.pop(form.get("code", ""), None)
        if nonce is None or form.get("client_secret") != SECRET:
            return said({"error": "invalid_grant"}, status=400)
        token = {
            "access_token": secrets.token_urlsafe(20),
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self._signed(
                self.id_token, {"nonce": nonce, "acr": "eidas1", "auth_time": int(time.time())}
            ),
        }
        return said(changed(token, self.token_answer))

    def _signed(self, token: Token, claims: Mapping[str, object]) -> str:
        now = int(time.time())
        honest = {"iss": self.issuer, "sub": SUBJECT, "aud": CLIENT_ID, "iat": now, "exp": now + 60, **claims}
        key = token.key or self.keys[-1]
        header = changed({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}, token.header)
        if token.forge:
            return token.forge(header, changed(honest, token.claims))
        return jwt.encode(header, changed(honest, token.claims), key, algorithms=[str(header["alg"])])


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM})


def changed(honest: Mapping[str, object], lies: Mapping[str, object]) -> Claims:
    """The honest values with the lies among them; a lie of None leaves the value out."""
    return {name: value for name, value in {**honest, **lies}.items() if value is not None}


def said(content: object, *, status: int = 200) -> Answer:
    return Answer(status, json.dumps(content).encode())


def compact(
    header: Mapping[str, object], claims: Mapping[str, object], sign: Callable[[bytes], bytes]
) -> str:
    """A token in its compact form, by whatever signs it."""
    first, second = (base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{first}.{second}.{base64url(sign(f'{first}.{second}'.encode()))}"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@contextmanager
def hostile_provider() -> Iterator[Provider]:
    """One, while the test lasts."""
    provider = Provider()
    thread = threading.Thread(target=provider.serve)
    thread.start()
    yield provider
    provider.stop()
    thread.join()


def _handler_for(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            answer = provider.answer(self.command, urlsplit(self.path).path, body)
            self.send_response(answer.status)
            for name, value in {"content-type": answer.type, **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self._write(answer)

        def _write(self, answer: Answer) -> None:
            try:
                if not answer.seconds:
                    self.wfile.write(answer.body)
                    return
                for byte in answer.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(answer.seconds)
            except OSError:
                return  # who asked has hung up, as they should

        def log_message(self, *_: object) -> None:
            return

    return Handler
