"""Letters with codes: a file of addresses in, a PDF and a list out, nothing kept."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde.core.models import Event
from abonde.organisations.models import Kind, Role
from abonde.register.claims import claim_entry
from abonde.register.codes import WrongCode, claim_with_code
from abonde.register.identity import read_pivot
from abonde.register.mailing import KEPT, carry_on, forget_letters, letters_of
from abonde.register.mailing_codes import Fates, fates_of
from abonde.register.models import Mailing, MailingPart, MailingPiece, MailingState, PostedCode, Strategy
from abonde.register.queries import has_voice
from tests.domain.register.test_claims import ZOE, an_entry
from tests.factories import a_person, a_register, an_agent, an_organisation, unique
from tests.web.giving.conftest import BAR, Browser

pytestmark = pytest.mark.usefixtures("database")

QUERIES = 12
"""What the list of letters asks, however many rows it shows."""
FILE = (
    "Nom de naissance;Prénoms;Date de naissance;Destinataire;Rue;Ville\n"
    "Lefèvre;Zoé;12/03/1990;Mme Zoé LEFÈVRE;3 rue du Pont;26150 DIE\n"
    "Petit;Léa;01/02/1980;Mme Léa PETIT;=2+2;26150 DIE\n"
    "Noir;Ana;01/01/1970;M. Ana NOIR;1 place;26150 DIE\n"
    "Roux;Tom;demain;M. Tom ROUX;1 place;26150 DIE\n"
    "Inconnu;Max;01/01/1975;M. Max INCONNU;1 place;26150 DIE\n"
)
COLUMNS = {
    "birth_name": "0",
    "given_names": "1",
    "birthdate": "2",
    "line_1": "3",
    "line_2": "4",
    "line_3": "5",
    "encoding": "utf-8-sig",
    "delimiter": ";",
    "has_titles": "on",
    "language": "fr",
}


class World:
    """A register with three people, of whom one has claimed their voice, and a registrar's browser."""

    def __init__(self, browser: Browser) -> None:
        self.certifier = an_organisation(Kind.CERTIFIER)
        self.register = a_register(self.certifier, strategy=Strategy.CERTIFIED)
        self.zoe = an_entry(self.register, ZOE)
        an_entry(self.register, read_pivot("Petit", "Léa", "1980-02-01"))
        claim_entry(
            person=a_person(),
            entry=an_entry(self.register, read_pivot("Noir", "Ana", "1970-01-01")),
            method="counter",
        )
        self.client = browser(an_agent(self.certifier, Role.REGISTRAR))

    def address(self, name: str, *more: object) -> str:
        return reverse(name, args=[self.certifier.slug, self.register.pk, *more])

    @property
    def mailing(self) -> Mailing:
        return Mailing.objects.filter(register=self.register).latest("pk")

    def bring(self, content: bytes = FILE.encode()) -> str:
        sent = {"file": SimpleUploadedFile("adresses.csv", content)}
        return self.client.post(self.address("mailings"), sent, follow=True).content.decode()

    def ready(self) -> None:
        self.bring()
        self.client.post(self.address("mailing", self.mailing.pk), {"write": "1", **COLUMNS})
        carry_on(mailing_id=self.mailing.pk)

    def page(self) -> str:
        return self.client.get(self.address("mailing", self.mailing.pk)).content.decode()


@pytest.fixture
def world(browser: Browser) -> World:
    return World(browser)


def test_whoever_has_not_claimed_their_voice_gets_a_letter_whose_code_does_it(world: World) -> None:
    assert "which are the lines of the address" in world.bring()
    shown = world.client.post(
        world.address("mailing", world.mailing.pk), {"write": "1", **COLUMNS}, follow=True
    )
    assert "being written" in shown.content.decode()
    here = world.address("mailing", world.mailing.pk)
    assert "0 of about" in world.client.get(here, headers=BAR).content.decode()
    carry_on(mailing_id=world.mailing.pk)
    assert world.client.get(here, headers=BAR)["HX-Refresh"] == "true"
    assert world.mailing.counts == {"letters": 2, "claimed": 1, "absent": 1, "unclear": 0, "bad": 1}
    page = world.page()
    assert "<dt>letters</dt><dd>2</dd>" in page
    assert "part 1 (PDF)" in page
    answer = world.client.get(world.address("mailing-addresses", world.mailing.pk))
    assert answer.headers["Cache-Control"] == "no-store"
    listed = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(listed), delimiter=";"))
    assert [row["adresse_1"] for row in rows] == ["Mme Zoé LEFÈVRE", "Mme Léa PETIT"]
    assert rows[1]["adresse_2"] == "'=2+2"
    person = a_person()
    granted = claim_with_code(person=person, written=rows[0]["code"], address="198.51.100.9")
    assert granted.entry == world.zoe
    assert has_voice(person, world.register)


def test_the_letters_are_a_pdf_with_address_code_and_drawing(world: World, tmp_path: Path) -> None:
    world.ready()
    position = MailingPiece.objects.get(of=world.mailing, part=MailingPart.LETTERS).position
    answer = world.client.get(world.address("mailing-letters", world.mailing.pk, position))
    assert answer.headers["Content-Type"] == "application/pdf"
    pdf = answer.content
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    if shutil.which("pdftotext"):
        file = tmp_path / "letters.pdf"
        file.write_bytes(pdf)
        text = subprocess.run(
            ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "Mme Zoé LEFÈVRE" in text
        assert text.count("/ma-voix/code/") == 2
    assert (
        world.client.get(world.address("mailing-letters", world.mailing.pk, 999)).status_code
        == HTTPStatus.NOT_FOUND
    )


def test_nothing_of_it_is_kept_in_clear_and_nothing_at_all_after_three_days(world: World) -> None:
    world.ready()
    kept = b"".join(bytes(piece.sealed) for piece in MailingPiece.objects.filter(of=world.mailing))
    for clear in (b"PETIT", b"rue du Pont", b"%PDF"):
        assert clear not in kept
    assert not MailingPiece.objects.filter(of=world.mailing, part=MailingPart.FILE).exists()
    forget_letters()
    assert world.mailing.state == MailingState.READY
    Mailing.objects.filter(pk=world.mailing.pk).update(ended_at=F("ended_at") - KEPT - timedelta(minutes=1))
    assert forget_letters() >= 1
    assert not MailingPiece.objects.filter(of=world.mailing).exists()
    assert "stay good" in world.page()
    assert PostedCode.objects.filter(entry=world.zoe, ended_at=None).exists()


def test_a_killed_job_goes_on_and_writes_nobody_two_letters(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abonde.register.mailing.BATCH", 1)
    world.bring()
    world.client.post(world.address("mailing", world.mailing.pk), {"write": "1", **COLUMNS})
    from abonde.register import mailing

    written = mailing._write
    calls = iter(range(100))

    def dies(*given: object) -> bool:
        if next(calls) == 1:
            raise SystemExit
        return written(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(mailing, "_write", dies)
    with pytest.raises(SystemExit):
        carry_on(mailing_id=world.mailing.pk)
    assert world.mailing.counts["letters"] == 1
    carry_on(mailing_id=world.mailing.pk)
    carry_on(mailing_id=world.mailing.pk)
    assert world.mailing.state == MailingState.READY
    assert world.mailing.counts["letters"] == 2
    assert PostedCode.objects.filter(entry__register=world.register, ended_at=None).count() == 2


def test_what_is_missing_is_said_beside_the_fields(world: World) -> None:
    world.bring()
    shown = world.client.post(
        world.address("mailing", world.mailing.pk), {"write": "1", **COLUMNS, "line_2": "", "line_3": ""}
    )
    assert 'href="#id_line_2">Line 2 of the address: Say which column holds this.' in shown.content.decode()
    shown = world.client.post(
        world.address("mailing", world.mailing.pk), {"look": "1", **COLUMNS, "encoding": "utf-16"}
    )
    assert "not written in this encoding" in shown.content.decode()
    for wrong in ({"encoding": ""}, {"encoding": "rot13"}, {"delimiter": ""}):
        shown = world.client.post(
            world.address("mailing", world.mailing.pk), {"look": "1", **COLUMNS, **wrong}
        )
        assert "Choose one of the encodings and delimiters" in shown.content.decode()
    assert "Other letters are being written" in world.bring()
    back = world.client.post(world.address("mailing-discard", world.mailing.pk), follow=True).content.decode()
    assert "Addresses and letters are deleted" in back
    assert not MailingPiece.objects.filter(of=world.mailing).exists()
    assert (
        world.client.get(world.address("mailing-addresses", world.mailing.pk)).status_code
        == HTTPStatus.NOT_FOUND
    )


def test_only_registrars_of_the_register_write_letters(world: World, browser: Browser) -> None:
    world.ready()
    position = MailingPiece.objects.get(of=world.mailing, part=MailingPart.LETTERS).position
    places = [
        ("mailings", ()),
        ("mailing", (world.mailing.pk,)),
        ("mailing-addresses", (world.mailing.pk,)),
        ("mailing-letters", (world.mailing.pk, position)),
    ]
    other = an_organisation(Kind.CERTIFIER)
    for client, status in (
        (browser(an_agent(world.certifier, Role.READER)), HTTPStatus.FORBIDDEN),
        (browser(an_agent(other, Role.REGISTRAR)), HTTPStatus.NOT_FOUND),
        (browser(a_person()), HTTPStatus.NOT_FOUND),
    ):
        for name, more in places:
            assert client.get(world.address(name, *more)).status_code == status


def test_letters_so_far_are_a_list_with_what_became_of_them(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert "Letters so far" not in world.client.get(world.address("mailings")).content.decode()
    world.ready()
    first = world.mailing
    claim_with_code(person=a_person(), written=codes_of(world)[0], address="198.51.100.8")
    world.client.post(world.address("mailing-discard", first.pk))
    world.ready()
    room = world.address("mailings")
    page = world.client.get(room).content.decode()
    links = [world.address("mailing", one) for one in (world.mailing.pk, first.pk)]
    assert [page.index(link) for link in links] == sorted(page.index(link) for link in links), "newest first"
    sorted_by_use = world.client.get(room, {"tri": "-used"}).content.decode()
    assert sorted_by_use.index(links[1]) < sorted_by_use.index(links[0])
    file = world.client.get(room, {"fichier": "tout", "tri": "brought"}).content.decode()
    head, *rows = list(csv.reader(io.StringIO(file)))
    assert head == ["brought", "state", "letters", "used"]
    assert [row[1:] for row in rows] == [["discarded", "2", "1"], ["ready", "1", "0"]]
    with django_assert_max_num_queries(QUERIES):
        world.client.get(room)


def codes_of(world: World) -> list[str]:
    answer = world.client.get(world.address("mailing-addresses", world.mailing.pk))
    listed = b"".join(answer).decode("utf-8-sig")
    return [row["code"] for row in csv.DictReader(io.StringIO(listed), delimiter=";")]


def test_codes_of_lost_letters_end_together_and_are_told_in_numbers(world: World) -> None:
    world.ready()
    first, second = codes_of(world)
    holder = a_person()
    claim_with_code(person=holder, written=first, address=unique("a"))
    assert fates_of(world.mailing) == Fates(written=2, used=1, good=1, expired=0, replaced=0, ended=0)
    page = world.page()
    assert "<dt>used for a voice</dt><dd>1</dd>" in page
    address = world.address("mailing-codes", world.mailing.pk)
    assert address in page
    asked = world.client.get(address).content.decode()
    assert "1 code that nobody has used ends at once" in asked
    assert "Say why these codes end" in world.client.post(address, {"reason": " "}).content.decode()
    told = world.client.post(address, {"reason": "Lost by the post office"}, follow=True).content.decode()
    assert "1 code opens nothing any more" in told
    assert "<dt>ended, since the letters were lost</dt><dd>1</dd>" in told
    assert "codes that nobody had used ended on" in told
    assert "stay good" not in told
    assert address not in told
    assert world.mailing.state == MailingState.DISCARDED
    assert not world.mailing.pieces.exists()
    with pytest.raises(WrongCode, match="no longer good"):
        claim_with_code(person=a_person(), written=second, address=unique("a"))
    assert has_voice(holder, world.register)
    event = Event.objects.get(verb="end_codes", subject_id=str(world.mailing.pk))
    assert event.after == {"codes": 1, "reason": "Lost by the post office"}
    again = world.client.post(address, {"reason": "Lost"}, follow=True).content.decode()
    assert "None of these codes could still be used" in again


def test_a_later_letter_replaces_a_code_and_time_ends_it(world: World) -> None:
    world.ready()
    former = world.mailing
    world.ready()
    assert fates_of(former) == Fates(written=2, used=0, good=0, expired=0, replaced=2, ended=0)
    PostedCode.objects.filter(mailing=world.mailing).update(expires_at="2026-01-01T00:00Z")
    assert fates_of(world.mailing) == Fates(written=2, used=0, good=0, expired=2, replaced=0, ended=0)


def test_codes_do_not_end_while_their_letters_are_written_nor_by_others(
    world: World, browser: Browser
) -> None:
    world.bring()
    world.client.post(world.address("mailing", world.mailing.pk), {"write": "1", **COLUMNS})
    address = world.address("mailing-codes", world.mailing.pk)
    assert "still being written" in world.client.post(address, {"reason": "Lost"}).content.decode()
    carry_on(mailing_id=world.mailing.pk)
    for agent in (
        an_agent(world.certifier, Role.READER),
        an_agent(an_organisation(Kind.CERTIFIER), Role.REGISTRAR),
        a_person(),
    ):
        assert browser(agent).post(address, {"reason": "Lost"}).status_code in {403, 404}
    assert fates_of(world.mailing).good == 2


@pytest.mark.parametrize(("language", "said"), [("fr", "Votre code"), ("en", "Your code")])
def test_letters_are_in_the_language_that_was_chosen(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    given: list[dict[str, bytes]] = []
    compiled = typst.compile

    def listening(files: dict[str, bytes]) -> object:
        given.append(files)
        return compiled(files)  # type: ignore[call-overload]  # files by name, which its stubs do not know

    monkeypatch.setattr(typst, "compile", listening)
    world.bring()
    world.client.post(
        world.address("mailing", world.mailing.pk), {"write": "1", **COLUMNS, "language": language}
    )
    carry_on(mailing_id=world.mailing.pk)
    words = json.loads(given[0]["letters.json"])
    assert (words["language"], words["code_title"]) == (language, said)
    assert letters_of(world.mailing, world.mailing.pieces.filter(part="letters").get().position)
