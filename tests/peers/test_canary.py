"""Canary people: brought by a certifier's file, logged in through FranceConnect, with a voice and a gift. Not one byte of who they
are is in any table, page, file, letter, log or cookie afterwards, whoever looks."""

from __future__ import annotations

import base64
import io
import pickle
from collections.abc import Iterator
from typing import Final

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from abonde.giving.actions import settle_contributions
from abonde.identities.models import Kind
from abonde.notifications.letters import write
from abonde.notifications.models import Letter
from abonde.people.models import Session
from abonde.people.sessions import SessionStore
from abonde.projects.models import Project
from abonde.register.importing_file import sealed_pieces
from abonde.register.importing_layout import Layout
from abonde.register.mailing import bring_addresses, carry_on, forget_letters, list_of, write_letters
from abonde.register.models import Mailing, Register, Strategy
from abonde.register.queries import has_voice
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result
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
ADDRESSES: Final = (
    "Nom de naissance;Prénoms;Date de naissance;Lieu;Groupe;Destinataire;Rue\n"
    "KESTRELIN;Zephyrine, Ottilie;29/07/1931;26113;7;Mme Zéphyrine KESTRELIN;3 rue du Pont\n"
    "D'Ornithoryncque;Hippolyte-Amedee;10/1926;;7;M. Hippolyte ORNITHORYNCQUE;3 rue du Pont\n"
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
    assert everywhere_kept() == []
    assert birds_in("\n".join([caplog.text, *capfd.readouterr()])) == []


def unpacked() -> str:
    """What the database holds in packed form, which its text would not show: sessions and the cache."""
    sessions = [str(SessionStore().decode(one.session_data)) for one in Session.objects.all()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM core_cache")
        packed = [base64.b64decode(value) for (value,) in cursor.fetchall()]
    return "\n".join([*sessions, *(str(pickle.loads(one)) for one in packed)])


def everywhere_kept() -> list[str]:
    return birds_in(whole_database()) + birds_in(unpacked())


def at_the_counter(registrar: Client, page: str) -> None:
    """Look the canaries up, as their cards write them, with a slip of the pen, and one who is not there."""
    for name, given, born in (
        ("KESTRELIN", "Zephyrine", "29/07/1931"),
        ("KESTRELINE", "Zephyrine", "29/07/1931"),
        ("Ornithoryncque", "Hippolyte", "10/1926"),
        ("KESTRELIN", "Hippolyte", "1931"),
    ):
        card = {"birth_name": name, "given_names": given, "birthdate": born, "birthplace": ""}
        answer = registrar.post(page, card)
        assert answer.status_code == 200
        assert name in answer.content.decode(), "who typed it sees it"
        assert "no-store" in answer.headers["Cache-Control"]


def test_nor_from_the_counter_their_letters_or_the_result(
    peer_site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    world = a_world()
    register, project = a_round_of_canaries(world)
    certifier, registrar = world.organisations["certifier"], world.people["certifier registrar"]
    visitor = peer_site.visitor().log_in("zephyrine")
    claim(visitor, "zephyrine")
    assert visitor.person is not None
    settle_contributions(pledge=a_pledge(visitor.person, {project: 1_500}))

    at_the_counter(
        world.client("certifier registrar"), reverse("counter-search", args=[certifier.slug, register.pk])
    )
    assert everywhere_kept() == []

    pieces = list(sealed_pieces(io.BytesIO(ADDRESSES.encode())))
    letters = bring_addresses(person=registrar, register=register, pieces=pieces)
    assert everywhere_kept() == [], "while the addresses wait"
    layout = Layout.from_json({name: value for name, value in letters.layout.items() if name != "lines"})
    write_letters(person=registrar, mailing_id=letters.pk, layout=layout, lines=[5, 6])
    carry_on(mailing_id=letters.pk)
    letters.refresh_from_db()
    assert (letters.counts["letters"], letters.counts["claimed"]) == (1, 1)
    assert birds_in(b"".join(list_of(letters)).decode()), "whoever prints the letters reads them"
    assert everywhere_kept() == [], "while the letters wait"
    for name in ("mailing", "mailing-addresses"):
        for who in ("host manager", "funder manager", "giver", ANONYMOUS):
            answer = world.client(who).get(reverse(name, args=[certifier.slug, register.pk, letters.pk]))
            assert answer.status_code in {302, 404}, (name, who)

    round_ = world.rounds["giving"]
    Round.objects.filter(pk=round_.pk).update(state=State.CLOSED)
    compute_result(round=round_, reason="Giving has ended.")
    shown = [
        reverse(name, args=[round_.slug])
        for name in ("round", "results", "results-csv", "results-json", "round-rules", "round-rules-json")
    ]
    shown += [reverse("result-explanation", args=[round_.slug, project.slug]), "/metrics"]
    for who in (ANONYMOUS, *world.people):
        for address in shown:
            content = world.client(who).get(address)
            assert content.status_code in {200, 404}, address
            assert birds_in(content.content.decode() + str(content.headers)) == [], (who, address)
    forget = Mailing.objects.filter(pk=letters.pk)
    forget.update(ended_at="2026-01-01T00:00Z")
    assert forget_letters()
    assert everywhere_kept() == []
    assert birds_in("\n".join([caplog.text, *capfd.readouterr()])) == []
