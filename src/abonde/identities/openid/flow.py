"""A log-in through an OpenID provider: out with a question, back with an answer that is looked at in a fixed order."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from abonde.identities.attempts import come_back, leave
from abonde.identities.models import Kind, Provider
from abonde.identities.openid.assertion import credentials
from abonde.identities.openid.discovery import Addresses, addresses_of
from abonde.identities.openid.fetching import fetch
from abonde.identities.openid.tokens import Claims, read_token
from abonde.identities.proof import Proof
from abonde.identities.refusing import LogInRefused, ProviderFails, Untrusted
from abonde.people.models import Person

ASSURANCE: Final = "eidas1"
ASKS_ASSURANCE: Final = {Kind.FRANCECONNECT, Kind.PROCONNECT}
SIGNS_USERINFO: Final = {Kind.FRANCECONNECT, Kind.PROCONNECT}
PIVOT: Final = ("given_name", "family_name", "birthdate", "birthplace")
WITHOUT_PKCE: Final = {Kind.PROCONNECT}
"""ProConnect refuses every parameter that it does not list."""

ERRORS: Final[Mapping[str, Callable[[], LogInRefused]]] = {
    "access_denied": lambda: LogInRefused(
        "You have not been logged in: you or the provider broke it off. You can begin again."
    ),
    "temporarily_unavailable": lambda: LogInRefused(
        "The log-in provider is not available at the moment: try again in a few minutes."
    ),
    "server_error": lambda: LogInRefused(
        "The log-in provider had a breakdown: try again in a few minutes, or use another way."
    ),
    "invalid_scope": lambda: LogInRefused(
        "The log-in provider refuses what this site asks for: use another way, and tell who runs this site."
    ),
    "invalid_acr": lambda: LogInRefused(
        "The log-in provider refuses the level of proof asked for: use another way, and tell who runs this site."
    ),
}
"""What a provider may answer instead, in our words: its own are not shown."""


def begin(  # noqa: PLR0913  (what a log-in needs has names)
    *,
    provider: Provider,
    browser: str,
    return_to: str,
    next: str = "",  # noqa: A002
    linking: Person | None = None,
    pivot: bool = False,
) -> str:
    """The provider's address to which the browser goes.

    `browser` is what only the browser's session knows; `return_to` our return address, as declared; `linking` a person
    who adds an identity to their account; `pivot` asks FranceConnect for who the person is at civil registry, for the claim
    of a voice and for nothing else. Raises ProviderFails.
    """
    addresses = addresses_of(provider)
    credentials(provider, addresses.token)
    state, underway = leave(provider=provider, browser=browser, next=next, linking=linking)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": return_to,
        "scope": _scope(provider, pivot=pivot),
        "state": state,
        "nonce": underway.nonce,
    }
    if provider.kind in ASKS_ASSURANCE:
        asked["acr_values"] = ASSURANCE
    if provider.kind not in WITHOUT_PKCE:
        challenge = hashlib.sha256(underway.verifier.encode()).digest()
        asked["code_challenge"] = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        asked["code_challenge_method"] = "S256"
    return f"{addresses.authorize}{'&' if '?' in addresses.authorize else '?'}{urlencode(asked)}"


def complete(*, provider: Provider, browser: str, return_to: str, answer: Mapping[str, str]) -> Proof:
    """Who came back, from the parameters of the callback. Raises LogInRefused with a sentence for the person."""
    underway, linking = come_back(provider=provider, browser=browser, state=answer.get("state", ""))
    addresses = addresses_of(provider)
    _check_who_answers(answer, provider, addresses)
    if "error" in answer:
        refusal = ERRORS.get(answer["error"], _other_error)()
        raise refusal
    tokens = _exchange(answer.get("code", ""), provider, addresses.token, return_to, underway.verifier)
    identity = read_token(tokens.get("id_token"), provider=provider)
    _check_identity(identity, provider, underway.nonce)
    userinfo = _userinfo(tokens, provider, addresses, identity)
    return Proof(
        provider=provider,
        subject=_subject(provider, identity, userinfo),
        next=underway.next,
        linking=linking,
        claims=userinfo,
        roles=_roles(provider, identity, tokens),
        id_token=str(tokens["id_token"]),
    )


def _scope(provider: Provider, *, pivot: bool) -> str:
    """Each scope once, in order."""
    wanted = provider.scopes.split() + (list(PIVOT) if pivot and provider.kind == Kind.FRANCECONNECT else [])
    return " ".join(dict.fromkeys(wanted))


def _other_error() -> LogInRefused:
    return LogInRefused("The log-in provider refused the log-in: try again, or use another way.")


def _check_who_answers(answer: Mapping[str, str], provider: Provider, addresses: Addresses) -> None:
    """The issuer says its name in the callback, so that no other provider's answer is taken for its own."""
    required = addresses.names_itself or provider.kind == Kind.FRANCECONNECT
    if answer.get("iss", None if required else provider.issuer) != provider.issuer:
        raise Untrusted("The answer came from another log-in provider: begin again from the log-in page.")


def _exchange(
    code: str, provider: Provider, address: str, return_to: str, verifier: str
) -> dict[str, object]:
    if not code:
        raise Untrusted(
            "The log-in provider’s answer does not prove who you are: begin again from the log-in page."
        )
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_to,
        "client_id": provider.client_id,
        **credentials(provider, address),
    }
    if provider.kind not in WITHOUT_PKCE:
        form["code_verifier"] = verifier
    return fetch(address, form=form).as_object()


def _check_identity(identity: Claims, provider: Provider, nonce: str) -> None:
    said = identity.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Untrusted(
            "The log-in provider’s answer belongs to another log-in: begin again from the log-in page."
        )
    if provider.kind in ASKS_ASSURANCE and identity.get("acr") != ASSURANCE:
        raise Untrusted(
            "The log-in provider did not check your identity as asked: begin again from the log-in page."
        )


def _userinfo(
    tokens: Mapping[str, object], provider: Provider, addresses: Addresses, identity: Claims
) -> Claims:
    """What the provider says of the person; asked only where it is signed, since elsewhere nothing of it is used."""
    if provider.kind not in SIGNS_USERINFO:
        return {}
    access = tokens.get("access_token")
    if (
        not isinstance(access, str)
        or not access.isascii()
        or not access.isprintable()
        or not addresses.userinfo
    ):
        raise ProviderFails(
            "The log-in provider does not answer as it should: try again in a few minutes, or use another way."
        )
    fetched = fetch(addresses.userinfo, headers={"authorization": f"Bearer {access}"})
    if fetched.type.partition(";")[0].strip().lower() != "application/jwt":
        raise Untrusted(
            "The log-in provider’s answer is not signed: use another way, and tell who runs this site."
        )
    userinfo = read_token(fetched.body.decode("ascii", "replace"), provider=provider)
    if userinfo["sub"] != identity["sub"]:
        raise Untrusted("The log-in provider speaks of two people: begin again from the log-in page.")
    return userinfo


def _subject(provider: Provider, identity: Claims, userinfo: Claims) -> str:
    """What tells people apart: for ProConnect the identity provider too, since two of them may give the same `sub`."""
    if provider.kind != Kind.PROCONNECT:
        return str(identity["sub"])
    behind = userinfo.get("idp_id")
    if not isinstance(behind, str) or not behind:
        raise Untrusted(
            "ProConnect did not say which identity provider knows you: begin again from the log-in page."
        )
    return f"{behind}\n{identity['sub']}"


def _roles(provider: Provider, identity: Claims, tokens: Mapping[str, object]) -> tuple[str, ...]:
    """The roles at the provider's path, in the id_token if it is mapped there, otherwise in the access token."""
    if not provider.role_path:
        return ()
    found = _at(identity, provider.role_path)
    if found is None and provider.kind == Kind.KEYCLOAK:
        access = read_token(tokens.get("access_token"), provider=provider, for_us=False)
        found = _at(access, provider.role_path) if access["sub"] == identity["sub"] else None
    return tuple(role for role in found if isinstance(role, str)) if isinstance(found, list) else ()


def _at(claims: object, path: str) -> object:
    for name in path.split("."):
        claims = claims.get(name) if isinstance(claims, Mapping) else None
    return claims
