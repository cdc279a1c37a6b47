"""Managers offer providers in their workspace, without ever writing a secret, and learn what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from abonde.core.models import Event
from abonde.identities.checking import SHORTEST_SECRET, faults_of, findings_on
from abonde.identities.models import Algorithm, Authentication, RoleRule
from abonde.identities.models import Kind as KindOfProvider
from abonde.identities.models import Provider as Row
from abonde.identities.providers import add_provider, edit_provider
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.people.models import Person
from tests.factories import an_agent, an_organisation, the_manager, unique
from tests.openid_peers import Peer
from tests.peers.hostile import DISCOVERY, SECRET, Answer, Provider
from tests.peers.visitor import SECRET_VARIABLE, Site, a_provider

pytestmark = pytest.mark.usefixtures("database")
KEYCLOAK: Final = {"kind": "keycloak", "client_id": "abonde"}


def browser_of(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def host() -> Organisation:
    return an_organisation()


@pytest.fixture
def manager(host: Organisation) -> Client:
    return browser_of(the_manager(host))


def page(name: str, row: Row) -> str:
    return reverse(name, args=[row.organisation.slug, row.slug])


def test_from_nothing_to_a_log_in(
    manager: Client, host: Organisation, hostile: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = unique("Valley").replace("-", " ")
    empty = manager.get(reverse("workspace-providers", args=[host.slug])).content.decode()
    assert "No provider yet" in empty
    given = {"kind": "franceconnect", "label": label, "issuer": hostile.issuer, "client_id": "abonde"}
    answer = manager.post(reverse("workspace-provider-new", args=[host.slug]), given)
    row = Row.objects.get(label=label)
    assert answer["location"] == page("workspace-provider", row)
    shown = manager.get(page("workspace-provider", row)).content.decode()
    assert settings.PUBLIC_URL + reverse("identity-callback", args=[row.slug]) in shown
    assert row.secret_variable in shown

    said = manager.get(page("workspace-provider-test", row)).content.decode()
    assert f"environment variable {row.secret_variable} is not set" in said
    monkeypatch.setenv(row.secret_variable, SECRET)
    assert "It answers as it should" in manager.get(page("workspace-provider-test", row)).content.decode()
    assert row.slug not in Client().get(reverse("account_login")).content.decode()
    manager.post(page("workspace-provider-on", row))
    assert Site(row, hostile=hostile).visitor().log_in().logged_in
    assert Event.objects.filter(verb="add_login_provider", tenant=host.reference).exists()


def test_a_manager_cannot_have_another_variable_sent_to_their_address(host: Organisation) -> None:
    """Or they would learn the installation's own secrets."""
    made = add_provider(
        person=the_manager(host),
        organisation=host,
        kind=KindOfProvider.OPENID,
        label=unique("evil"),
        issuer="https://evil.example.org",
        client_id="abonde",
        slug="chosen",
        secret_variable="ABONDE_SEALING_KEYS",
    )
    assert made.secret_variable == f"ABONDE_LOGIN_{made.slug.upper().replace('-', '_')}"
    assert made.slug != "chosen"


def test_the_address_stays_once_it_opens_accounts(manager: Client, keycloak: Site) -> None:
    row = keycloak.row
    keycloak.visitor().log_in("angela")
    with pytest.raises(Refusal, match="its address stays"):
        edit_provider(
            person=the_manager(row.organisation),
            provider=row,
            label=row.label,
            issuer="https://evil.example.org",
            client_id="abonde",
            algorithm=Algorithm.RS256,
            authentication=Authentication.SECRET,
            role_path="",
            roles={},
        )


def test_roles_are_written_and_kept_as_typed(manager: Client, host: Organisation) -> None:
    row = a_provider(KindOfProvider.KEYCLOAK, "https://sso.example.org/realms/valley")
    row.organisation = host
    row.save()
    given = {
        "label": "Network",
        "issuer": row.issuer,
        "client_id": "abonde",
        "authentication": "private_key_jwt",
        "algorithm": "ES256",
        "role_path": "groups",
        "reviewer": "jury, /comité d’accueil",
        "reader": "jury",
    }
    answer = manager.post(page("workspace-provider", row), given)
    assert answer.status_code == 200
    assert "stands for two roles" in answer.content.decode()
    assert "comité d’accueil" in answer.content.decode()
    assert not RoleRule.objects.filter(provider=row).exists()
    manager.post(page("workspace-provider", row), given | {"reader": ""})
    rules = RoleRule.objects.filter(provider=row).order_by("named").values_list("named", "role")
    assert list(rules) == [("/comité d’accueil", "reviewer"), ("jury", "reviewer")]
    row.refresh_from_db()
    assert row.authentication == Authentication.KEY
    assert len(Client().get(reverse("identity-keys", args=[row.slug])).json()["keys"]) == 1


def test_no_provider_names_managers(host: Organisation) -> None:
    row = a_provider(KindOfProvider.KEYCLOAK, "https://sso.example.org/realms/valley")
    with pytest.raises(Refusal):
        edit_provider(
            person=the_manager(row.organisation),
            provider=row,
            label=row.label,
            issuer=row.issuer,
            client_id="abonde",
            algorithm=Algorithm.RS256,
            authentication=Authentication.SECRET,
            role_path="groups",
            roles={Role.MANAGER: ["admins"]},
        )


def test_switched_off_and_on(manager: Client, host: Organisation) -> None:
    row = a_provider(KindOfProvider.DISCOURSE, "https://forum.example.org")
    row.organisation = host
    row.save()
    off = page("workspace-provider-off", row)
    assert "Switch" in manager.get(off).content.decode()
    manager.post(off)
    assert Client().get(reverse("identity-begin", args=[row.slug])).status_code == 404
    manager.post(page("workspace-provider-on", row))
    assert row.slug in Client().get(reverse("account_login")).content.decode()


@pytest.mark.parametrize(
    "name",
    ["workspace-provider", "workspace-provider-test", "workspace-provider-off", "workspace-provider-on"],
)
def test_managers_of_the_organisation_only(name: str, host: Organisation) -> None:
    row = a_provider(KindOfProvider.DISCOURSE, "https://forum.example.org")
    row.organisation = host
    row.save()
    send = "post" if name == "workspace-provider-on" else "get"
    statuses = {
        "agent": getattr(browser_of(an_agent(host, Role.READER)), send)(page(name, row)).status_code,
        "elsewhere": getattr(browser_of(the_manager(an_organisation())), send)(page(name, row)).status_code,
        "nobody": getattr(Client(), send)(page(name, row)).status_code,
    }
    assert statuses == {"agent": 403, "elsewhere": 404, "nobody": 302}


def test_another_hosts_provider_is_not_under_ones_own_name(manager: Client, host: Organisation) -> None:
    row = a_provider(KindOfProvider.DISCOURSE, "https://forum.example.org")
    assert manager.get(reverse("workspace-provider", args=[host.slug, row.slug])).status_code == 404


def test_funders_offer_none() -> None:
    funder = an_organisation(Kind.FUNDER)
    given = {**KEYCLOAK, "label": "x", "issuer": "https://sso.example.org"}
    client = browser_of(the_manager(funder))
    assert client.post(reverse("workspace-provider-new", args=[funder.slug]), given).status_code == 200
    assert not Row.objects.filter(organisation=funder).exists()


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": "http://sso.example.org"},
        {"issuer": "javascript:alert(1)"},
        {"issuer": ""},
        {"client_id": ""},
        {"label": ""},
        {"kind": "carrier pigeon"},
    ],
    ids=lambda given: next(iter(given.items())),
)
def test_what_cannot_be_used_is_said(manager: Client, host: Organisation, given: dict[str, str]) -> None:
    good = {**KEYCLOAK, "label": "Network", "issuer": "https://sso.example.org/realms/x"}
    answer = manager.post(reverse("workspace-provider-new", args=[host.slug]), good | given)
    assert answer.status_code == 200
    assert "error" in answer.content.decode()
    assert not Row.objects.filter(organisation=host).exists()


@pytest.mark.parametrize("kind", ["franceconnect", "proconnect", "keycloak"])
def test_certified_providers_are_found_good(
    peers: dict[str, Peer], kind: str, request: pytest.FixtureRequest
) -> None:
    assert faults_of(request.getfixturevalue(kind).row) == []


def test_the_provider_by_other_hands_is_found_good(standard: Site) -> None:
    assert faults_of(standard.row) == []


FAULTS: Final[list[tuple[str, Callable[[Provider], object], str]]] = [
    ("500", lambda one: one.answers.update({DISCOVERY: Answer(status=500)}), "not as it should"),
    (
        "redirect",
        lambda one: one.answers.update({DISCOVERY: Answer(302, headers={"location": "/"})}),
        "not as it should",
    ),
    ("no JSON", lambda one: one.answers.update({DISCOVERY: Answer(body=b"<html>")}), "not as it should"),
    ("slow", lambda one: one.answers.update({DISCOVERY: Answer(body=b"{}", seconds=5)}), "within 8 seconds"),
    ("issuer", lambda one: one.discovery.update(issuer=one.issuer + "/"), "calls itself"),
    ("address", lambda one: one.discovery.update(token_endpoint="http://example.org"), "token_endpoint"),
    (
        "algorithm",
        lambda one: one.discovery.update(id_token_signing_alg_values_supported=["RS256"]),
        "but RS256",
    ),
    (
        "userinfo",
        lambda one: one.discovery.update(userinfo_signing_alg_values_supported=["none"]),
        "but none",
    ),
    (
        "authentication",
        lambda one: one.discovery.update(token_endpoint_auth_methods_supported=["client_secret_basic"]),
        "but client_secret_basic",
    ),
    (
        "no keys",
        lambda one: one.answers.update({"/jwks": Answer(body=b'{"keys": [{"kty": "RSA"}]}')}),
        "no key for",
    ),
    ("keys gone", lambda one: one.answers.update({"/jwks": Answer(status=404)}), "/jwks answers, but"),
]


@pytest.mark.parametrize(("lie", "said"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_each_fault_has_its_sentence(
    hostile: Provider, site: Site, lie: Callable[[Provider], object], said: str
) -> None:
    lie(hostile)
    faults = faults_of(site.row)
    assert len(faults) == 1
    assert said in str(faults[0])


def test_nobody_there(site: Site) -> None:
    site.row.issuer = "http://127.0.0.1:9"
    assert "No connection" in str(faults_of(site.row)[0])


def test_a_forum_with_a_short_secret_that_is_away(forum: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    forum.row.issuer = "http://127.0.0.1:9"
    monkeypatch.setenv(SECRET_VARIABLE, "x" * (SHORTEST_SECRET - 1))
    assert [finding.wrong is None for finding in findings_on(forum.row)] == [False, False]


def test_a_forum_that_answers(hostile: Provider, forum: Site) -> None:
    hostile.answers["/site/basic-info.json"] = Answer(body=b'{"title": "Forum"}')
    forum.row.issuer = hostile.issuer
    assert faults_of(forum.row) == []


def test_only_franceconnect_bears_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.PRODUCTION", True)
    host = an_organisation()
    given = {
        "person": the_manager(host),
        "organisation": host,
        "kind": KindOfProvider.FRANCECONNECT,
        "label": unique("fc"),
        "client_id": "abonde",
    }
    for issuer in (
        "https://franceconnect.gouv.fr.example.org/api/v2",
        "https://fcp-low.sbx.dev-franceconnect.fr/api/v2",
    ):
        with pytest.raises(Refusal, match="not FranceConnect"):
            add_provider(issuer=issuer, **given)  # type: ignore[arg-type]
    made = add_provider(issuer="https://oidc.franceconnect.gouv.fr/api/v2", **given)  # type: ignore[arg-type]
    assert made.algorithm == Algorithm.ES256
