"""Logging out at the provider too: offered, checked by its state, and never by somebody else's."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.peers.visitor import Site, Visitor, parameters_of

pytestmark = pytest.mark.usefixtures("database")
DONE = "You are logged out, here and there."


def leave(visitor: Visitor) -> str:
    """Log out here, and choose to do so there: the provider's address."""
    answer = visitor.client.post(reverse("account_logout"))
    assert answer["location"] == reverse("identity-leaving", args=[visitor.site.row.slug])
    page = visitor.client.get(answer["location"]).content.decode()
    there = reverse("identity-leave", args=[visitor.site.row.slug])
    assert there in page
    assert not visitor.logged_in
    return str(visitor.client.get(there)["location"])


def home(visitor: Visitor, params: dict[str, str]) -> str:
    back = reverse("identity-left", args=[visitor.site.row.slug])
    return visitor.client.get(back, params, follow=True).content.decode()


def test_log_out_there_too(franceconnect: Site) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    target = franceconnect.peer_of().leave_by(leave(visitor))
    assert urlsplit(target).path == reverse("identity-left", args=[franceconnect.row.slug])
    assert DONE in home(visitor, parameters_of(target))


@pytest.mark.parametrize("params", [{}, {"state": ""}, {"state": "s" * 43}, {"state": "é"}])
def test_foreign_state(franceconnect: Site, params: dict[str, str]) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    leave(visitor)
    assert DONE not in home(visitor, params)


def test_state_of_another_browser(franceconnect: Site) -> None:
    visitor, mallory = (franceconnect.visitor().log_in(name) for name in ("angela", "jean"))
    stolen = parameters_of(leave(mallory))["state"]
    leave(visitor)
    assert DONE not in home(visitor, {"state": stolen})


def test_state_is_good_once(franceconnect: Site) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    params = parameters_of(franceconnect.peer_of().leave_by(leave(visitor)))
    assert DONE in home(visitor, params)
    assert DONE not in home(visitor, params)


def test_return_that_nobody_left_for_logs_nobody_out(franceconnect: Site) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    assert DONE not in home(visitor, {"state": ""})
    assert visitor.logged_in


def test_id_token_is_never_in_our_addresses_or_pages(franceconnect: Site) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    token = parameters_of(leave(visitor))["id_token_hint"]
    assert token not in visitor.page + visitor.led_to
    assert token not in str(visitor.client.cookies)


def test_the_session_table_holds_no_id_token_in_clear(franceconnect: Site) -> None:
    visitor = franceconnect.visitor().log_in("angela")
    kept = visitor.client.session["identities-came-by"]
    token = parameters_of(leave(visitor))["id_token_hint"]
    assert token.startswith("eyJ")
    assert token not in str(kept)
    assert token.split(".")[1] not in str(kept)
