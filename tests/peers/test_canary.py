"""Canary people: brought by a certifier's file, logged in through FranceConnect, with a voice and a gift. Not one byte of who they
are is in any table, page, file, letter, log or cookie afterwards, whoever looks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

import pytest
from django.conf import settings
from django.urls import reverse

from abonde.giving.actions import settle_contributions
from abonde.identities.models import Kind
from abonde.notifications.letters import write
from abonde.notifications.models import Letter
from abonde.projects.models import Project
from abonde.register.models import Register, Strategy
from abonde.register.queries import has_voice
from tests.domain.register.test_importing import TITLES, brought, confirmed
from tests.factories import a_pledge, a_project, a_register, a_round, unique
from tests.openid_peers import SECRET, Claims, Peer, openid_peers
from tests.peers.test_claim_page import claim
from tests.peers.test_log_in_page import whole_database
from tests.peers.visitor import SECRET_VARIABLE, Site, a_provider
from tests.web.privileges import ANONYMOUS, World, a_world, addresses, addresses_of

pytestmark = pytest.mark.usefixtures("database")

CANARIES: Final[dict[str, Claims]] = {
    "zephyrine": {
        "sub": "ca" * 32 + "v1",
        "given_name": "Zéphyrine Ottilie",
        "family_name": "Kestrelin",
        "birthdate": "1931-07-29",
        "birthplace": "26113",
        "email": "zephyrine.kestrelin@canari.example",
    },
    "hippolyte": {
        "sub": "fe" * 32 + "v1",
        "given_name": "Hippolyte-Amédée",
        "family_name": "d’Ornithoryncque",
        "birthdate": "1926-10-00",
        "birthplace": "",
        "email": "h@ornithoryncque.example",
    },
}
ONLOOKERS: Final = (
    ANONYMOUS,
    "giver",
    "host manager",
    "certifier registrar",
    "funder manager",
)
FILE: Final = (
    TITLES + "KESTRELIN;Zephyrine, Ottilie;29/07/1931;26113;7\nD'Ornithoryncque;Hippolyte-Amedee;10/1926;;7\n"
)
WORDS: Final = (
    "kestrelin",
    "zephyrine",
    "zéphyrine",
    "ottilie",
    "ornithoryncque",
    "hippolyte",
    "1931-07-29",
    "29/07/1931",
    "29 juillet 1931",
    "1926-10",
    "canari.example",
    "ca" * 32,
    "fe" * 32,
)


def forms_of(word: str) -> set[str]:
    """As it stands, and as a program might have written it: hexadecimal, base64 at each of its three places."""
    content = word.encode()
    moved = {
        base64.b64encode(b"x" * shift + content).decode().rstrip("=")[4:-2].lower() for shift in range(3)
    }
    return {word, content.hex()} | {form for form in moved if len(form) > 7}


FORMS: Final = frozenset(form for word in WORDS for form in forms_of(word))


@pytest.fixture
def peer_site(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    slug = unique("canari")
    client = {"redirect_uris": [settings.PUBLIC_URL + reverse("identity-callback", args=[slug])]}
    with openid_peers(CANARIES, {"franceconnect": client}) as peers:
        peer: Peer = peers["franceconnect"]
        yield Site(a_provider(Kind.FRANCECONNECT, peer.issuer, slug=slug, algorithm="ES256"), peer=peer)


def birds_in(text: str) -> list[str]:
    lowered = text.lower()
    return sorted(form for form in FORMS if form in lowered)


def a_round_of_canaries(world: World) -> tuple[Register, Project]:
    """A round that takes gifts, whose certified register a file has filled; the world's addresses lead to it."""
    made = a_register(world.organisations["certifier"], strategy=Strategy.CERTIFIED)
    assert confirmed(brought(made, FILE))["new"] == len(CANARIES)
    world.rounds["giving"] = a_round(
        host=world.organisations["host"],
        certifier=world.organisations["certifier"],
        funder=world.organisations["funder"],
        register=made,
    )
    project = a_project(world.rounds["giving"])
    world.parts |= {"slug": project.slug, "pk": project.pk, "register": made.pk}
    return made, project


def what_everybody_sees(world: World) -> Iterator[tuple[str, str]]:
    for pattern in addresses():
        for _side, address in addresses_of(world, pattern):
            for who in ONLOOKERS:
                answer = world.client(who).get(address)
                content = answer.getvalue() if answer.streaming else answer.content
                yield f"{who} at {address}", content.decode("utf-8", "replace") + str(answer.headers)


def test_the_forms_would_be_found() -> None:
    assert birds_in("Madame KESTRELIN")
    assert birds_in(base64.b64encode(b"name=Kestrelin&x".lower()).decode())
    assert birds_in("née le 29 juillet 1931")
    assert not birds_in("Camille Martin, 1990-03-12")


def test_nobody_learns_who_the_canaries_are(
    peer_site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    world = a_world()
    register, project = a_round_of_canaries(world)
    said = []
    for name in CANARIES:
        visitor = peer_site.visitor().log_in(name)
        claim(visitor, name)
        assert visitor.person is not None
        assert has_voice(visitor.person, register), name
        settle_contributions(pledge=a_pledge(visitor.person, {project: 1_500}))
        said += [visitor.page, str(visitor.client.cookies)]
        said += [
            visitor.client.get(reverse(page), follow=True).content.decode()
            for page in ("my-account", "my-identities", "my-voice", "my-gifts", "my-data", "my-data-export")
        ]
    for where, content in what_everybody_sees(world):
        assert birds_in(content) == [], where
    said += [letter.text + letter.html for letter in map(write, Letter.objects.exclude(values={}))]
    assert birds_in("\n".join(said)) == []
    assert birds_in(whole_database()) == []
    assert birds_in("\n".join([caplog.text, *capfd.readouterr()])) == []
