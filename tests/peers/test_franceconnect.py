"""FranceConnect v2 as its own software answers: logging in, its errors, leaving."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.peers.visitor import Site, parameters_of, refused

pytestmark = pytest.mark.usefixtures("database")


def test_log_in(franceconnect: Site) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    assert visitor.person is not None
    assert visitor.person.email is None
    assert visitor.person.name == ""


def test_same_human_comes_back_to_the_same_account(franceconnect: Site) -> None:
    first, second = (franceconnect.visitor().log_in("angela").person for _ in range(2))
    assert first is not None
    assert first == second


def test_two_humans_with_one_address_have_two_accounts(franceconnect: Site) -> None:
    """Angela and her neighbour share a mailbox."""
    angela, other = (franceconnect.visitor().log_in(name).person for name in ("angela", "jean"))
    assert angela is not None
    assert other is not None
    assert angela != other


def test_partial_birth_date(franceconnect: Site) -> None:
    """Of some people nobody knows the day: 1990-00-00 is a text, not a date."""
    assert franceconnect.visitor().log_in("ousmane").person is not None


def test_asks_for_what_franceconnect_wants_and_no_more(franceconnect: Site) -> None:
    asked = {
        name: values[0] for name, values in parse_qs(urlsplit(franceconnect.visitor().begin()).query).items()
    }
    assert asked["acr_values"] == "eidas1"
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) <= {"openid", "given_name", "family_name", "birthdate", "birthplace"}


@pytest.mark.parametrize(
    "error", ["access_denied", "invalid_scope", "server_error", "temporarily_unavailable"]
)
def test_errors_have_sentences(franceconnect: Site, error: str) -> None:
    refused(franceconnect.visitor().log_in(error=error))


def test_invalid_acr(franceconnect: Site) -> None:
    """What the standard service answers to eidas2."""
    visitor = franceconnect.visitor()
    address = visitor.begin().replace("eidas1", "eidas2")
    back = parameters_of(franceconnect.peer_of().leave_by(address))
    assert back["error"] == "invalid_acr"
    refused(visitor.come_back(back))


def test_pkce_is_held(franceconnect: Site) -> None:
    """The provider refuses the code of whoever has not the verifier that it was asked with."""
    visitor, thief = franceconnect.visitor(), franceconnect.visitor()
    stolen = franceconnect.consent(visitor.begin(), {"account": "angela"})
    own = franceconnect.consent(thief.begin(), {"account": "jean"})
    refused(thief.come_back({**own, "code": stolen["code"]}))


def test_tampered_return_address_is_refused_by_the_provider(franceconnect: Site) -> None:
    address = franceconnect.visitor().begin().replace("retour", "ailleurs")
    answer = httpx.get(address)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "redirect_uri" in answer.json()["error_description"]
