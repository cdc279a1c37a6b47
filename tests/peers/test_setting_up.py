"""`abonde manage add_login_provider` ends with a log-in that works, or says why not; `check_login_providers` says it of all."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from abonde.identities.models import Provider as Row
from abonde.identities.providers import switch_provider
from tests.factories import an_organisation, the_manager, unique
from tests.peers.hostile import DISCOVERY, SECRET, Answer, Provider
from tests.peers.visitor import SECRET_VARIABLE, Site

pytestmark = pytest.mark.usefixtures("database")


def add(hostile: Provider, slug: str, **changes: str) -> str:
    said = StringIO()
    given = {
        "organisation": an_organisation().slug,
        "kind": "franceconnect",
        "issuer": hostile.issuer,
        "client_id": "abonde",
        "secret_variable": SECRET_VARIABLE,
        "label": "FranceConnect",
        **changes,
    }
    call_command("add_login_provider", slug, stdout=said, **given)
    return said.getvalue()


def test_added_and_used(hostile: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    slug = unique("fc")
    said = add(hostile, slug)
    assert reverse("identity-callback", args=[slug]) in said
    assert "answers as it should" in said
    assert Site(Row.objects.get(slug=slug), hostile=hostile).visitor().log_in().logged_in


def test_says_what_is_wrong(hostile: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    assert SECRET_VARIABLE in add(hostile, unique("fc"))
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    hostile.answers[DISCOVERY] = Answer(status=500)
    assert "does not work yet" in add(hostile, unique("fc"))


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://provider.example.org"},
        {"secret_variable": "not a variable"},
        {"organisation": "nobody"},
        {"label": ""},
    ],
    ids=["without TLS", "variable", "organisation", "label"],
)
def test_refuses(hostile: Provider, changes: dict[str, str]) -> None:
    slug = unique("fc")
    with pytest.raises(CommandError):
        add(hostile, slug, **changes)
    assert not Row.objects.filter(slug=slug).exists()


def check(*slugs: str) -> str:
    said = StringIO()
    call_command("check_login_providers", *slugs, stdout=said)
    return said.getvalue()


def test_all_are_checked_and_what_people_cannot_use_is_named(
    hostile: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    good, other = unique("fc"), unique("fc")
    add(hostile, good)
    add(hostile, other, secret_variable="ABONDE_LOGIN_NOT_SET")
    said = check(good)
    assert f"{good} (Franceconnect, on)" in said
    assert "The secret: well" in said
    assert other not in said
    with pytest.raises(CommandError, match=f"People cannot log in through {other}\\.$"):
        check(good, other)
    provider = Row.objects.get(slug=other)
    switch_provider(person=the_manager(provider.organisation), provider=provider, on=False)
    assert "ABONDE_LOGIN_NOT_SET is not set" in check(good, other)
    with pytest.raises(CommandError, match="There is no provider nobody"):
        check("nobody")
