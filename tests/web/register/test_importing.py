"""A certifier's file from the upload to the register, on the pages of a registrar."""

from __future__ import annotations

import io
import zipfile
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from abonde.organisations.models import Kind, Organisation, Role
from abonde.register.identity import read_pivot
from abonde.register.importing_difference import apply, compare
from abonde.register.importing_rows import read_rows
from abonde.register.models import Entry, Import, Piece, Register, Row, Strategy
from abonde.register.search import find_entries
from abonde.register.states import State
from tests.factories import a_register, an_agent, an_organisation
from tests.web.giving.conftest import BAR, Browser

pytestmark = pytest.mark.usefixtures("database")

TITLES = "Nom de naissance;Prénoms;Date de naissance;Code commune de naissance;Bureau de vote\n"
FILE = f"{TITLES}Lefèvre;Zoé Anne;12/03/1990;26113;1\nPetit;Léa;1/2/1980;;1\n=Roux;Tom;demain;;1\n"
SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"""


class World:
    """A certified register, and its registrar's browser."""

    def __init__(self, browser: Browser) -> None:
        self.certifier = an_organisation(Kind.CERTIFIER)
        self.register = a_register(self.certifier, strategy=Strategy.CERTIFIED)
        self.client = browser(an_agent(self.certifier, Role.REGISTRAR))

    def address(self, name: str, *more: object) -> str:
        return reverse(name, args=[self.certifier.slug, self.register.pk, *more])

    def bring(self, content: bytes, name: str = "habitants.csv") -> str:
        """Upload, follow, and give the page back."""
        sent = {"file": SimpleUploadedFile(name, content)}
        response = self.client.post(self.address("register-bring"), sent, follow=True)
        assert response.status_code == HTTPStatus.OK
        return response.content.decode()

    @property
    def underway(self) -> Import:
        return Import.objects.filter(register=self.register).latest("pk")

    def page(self, name: str = "register-import") -> str:
        response = self.client.get(self.address(name, self.underway.pk))
        assert response.status_code == HTTPStatus.OK
        return response.content.decode()

    def post(self, name: str, **fields: str) -> str:
        response = self.client.post(self.address(name, self.underway.pk), fields, follow=True)
        assert response.status_code == HTTPStatus.OK
        return response.content.decode()

    def read(self) -> None:
        """What the job does once the columns are named."""
        assert read_rows(import_id=self.underway.pk, reading=self.underway.reading)
        compare(import_id=self.underway.pk)


COLUMNS = {"birth_name": "0", "given_names": "1", "birthdate": "2", "birthplace": "3", "group": "4"}
WRITING = {"encoding": "utf-8-sig", "delimiter": ";", "has_titles": "on"}


@pytest.fixture
def world(browser: Browser) -> World:
    return World(browser)


def test_a_register_is_opened_and_filled_from_a_file(world: World, browser: Browser) -> None:
    shown = world.bring(FILE.encode())
    assert "Say which column holds what" in shown
    assert "Lefèvre" in shown
    assert '<option value="0" selected>1 · Nom de naissance</option>' in shown
    shown = world.post("register-import", read="1", **COLUMNS, **WRITING)
    assert "is being read" in shown
    assert 'http-equiv="refresh"' in shown
    here = world.address("register-import", world.underway.pk)
    bar = world.client.get(here, headers=BAR).content.decode()
    assert bar.startswith('<div class="progress" id="underway"')
    assert "0 of about" in bar
    world.read()
    assert world.client.get(here, headers=BAR)["HX-Refresh"] == "true"
    shown = world.page()
    assert "This is what the file would change" in shown
    assert "<dt>new people</dt><dd>2</dd>" in shown
    assert "12 March 1990" in shown
    assert "<strong>The birth date cannot be read" in shown
    assert shown.index("The birth date cannot be read") < shown.index("Row 4")
    assert Entry.objects.filter(register=world.register).count() == 0
    confirm = world.page("register-import-confirm")
    assert "2 people are added" in confirm
    assert "1 row cannot be used" in confirm
    assert "The file is deleted" in confirm
    assert "is being written" in world.post("register-import-confirm")
    assert not Piece.objects.filter(of=world.underway).exists()
    apply(import_id=world.underway.pk)
    shown = world.page()
    assert "The register was brought up to date" in shown
    assert len(find_entries(world.register, read_pivot("LEFEVRE", "ZOÉ", "1990-03-12"))) == 1
    shown = world.client.get(world.address("register")).content.decode()
    assert "<dt>people in the register</dt><dd>2</dd>" in shown
    assert "Bring the register up to date" in shown


def test_the_wrong_encoding_and_delimiter_are_chosen_anew(world: World) -> None:
    shown = world.bring(FILE.encode("mac-roman"))
    assert "Lefèvre" not in shown
    shown = world.post(
        "register-import", look="1", encoding="mac-roman", delimiter=";", has_titles="on", **COLUMNS
    )
    assert "Lefèvre" in shown
    shown = world.post("register-import", look="1", encoding="utf-16", delimiter=";", **COLUMNS)
    assert "not written in this encoding" in shown
    assert world.underway.layout["encoding"] == "mac-roman"
    shown = world.post(
        "register-import", read="1", encoding="mac-roman", delimiter=";", has_titles="on", birth_name="0"
    )
    assert "Say which column holds this." in shown
    assert world.underway.state == State.UPLOADED
    shown = world.post("register-import", read="1", **{**WRITING, **COLUMNS, "given_names": "0"})
    assert "A column can hold one thing only" in shown
    assert world.underway.state == State.UPLOADED


def test_a_workbook_is_read_like_a_file(world: World) -> None:
    shown = world.bring(
        a_workbook([["Nom de naissance", "Prénoms", "Date de naissance"], ["Petit", "Léa", "1980-02-01"]]),
        "h.xlsx",
    )
    assert "Petit" in shown
    assert "Encoding" not in shown
    world.post("register-import", read="1", has_titles="on", birth_name="0", given_names="1", birthdate="2")
    world.read()
    assert "<dt>new people</dt><dd>1</dd>" in world.page()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "vide.csv", "This file is empty"),
        (b"PK\x03\x04 broken", "h.xlsx", "cannot be opened"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "photo.csv", "neither a CSV nor an XLSX"),
        (b"\n\n", "blank.csv", "is empty"),
    ],
)
def test_what_is_no_table_is_refused_beside_the_field(
    world: World, content: bytes, name: str, sentence: str
) -> None:
    assert sentence in world.bring(content, name)
    assert not Import.objects.filter(register=world.register).exists()


def test_a_form_without_its_file_asks_for_it(world: World) -> None:
    response = world.client.post(world.address("register-bring"), {})
    assert "Choose the file first." in response.content.decode()


def test_a_file_too_large_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abonde.web.register.receiving.LARGEST_FILE", 100)
    monkeypatch.setattr("abonde.web.register.forms.LARGEST_FILE", 100)
    assert "This file is larger than" in world.bring(FILE.encode())
    assert not Piece.objects.filter(of__register=world.register).exists()


def test_a_second_file_waits_for_the_first(world: World) -> None:
    world.bring(FILE.encode())
    assert "Another file is being imported" in world.bring(FILE.encode())
    assert Import.objects.filter(register=world.register).count() == 1


def test_bad_rows_are_a_file_that_no_spreadsheet_runs(world: World) -> None:
    world.bring(FILE.encode())
    world.post("register-import", read="1", **COLUMNS, **WRITING)
    world.read()
    lines = b"".join(world.client.get(world.address("register-import-faults", world.underway.pk)))
    text = lines.decode("utf-8-sig").splitlines()
    assert text[0] == "row;what is wrong"
    assert text[1].startswith("4;The birth date cannot be read")
    assert text[1].endswith(";'=Roux;Tom;demain;;1")
    world.post("register-import-confirm")
    apply(import_id=world.underway.pk)
    lines = b"".join(world.client.get(world.address("register-import-faults", world.underway.pk)))
    assert b"Roux" not in lines
    assert b"4;The birth date" in lines


def test_a_discarded_file_leaves_nothing(world: World) -> None:
    world.bring(FILE.encode())
    assert "Discard this file?" in world.page("register-import-discard")
    assert "nothing of it is kept" in world.post("register-import-discard")
    assert not Piece.objects.filter(of__register=world.register).exists()
    assert not Row.objects.filter(of__register=world.register).exists()
    assert "This file was discarded" in world.page()


def test_an_update_says_what_it_takes_away(world: World) -> None:
    for content in (FILE, f"{TITLES}Lefèvre;Zoé Anne;12/03/1990;26113;1\nPetit;Léa;quand;;1\n"):
        world.bring(content.encode())
        world.post("register-import", read="1", **COLUMNS, **WRITING)
        world.read()
        shown, confirm = world.page(), world.page("register-import-confirm")
        world.post("register-import-confirm")
        apply(import_id=world.underway.pk)
    assert "they may be the same" in shown
    assert "1 entry is no longer in the file" in confirm
    assert "counts as gone if they were in the register" in confirm
    assert find_entries(world.register, read_pivot("Petit", "Léa", "1980-02-01")) == []


def test_a_stuck_import_is_asked_for_again_and_goes_on(world: World) -> None:
    world.bring(FILE.encode())
    world.post("register-import", read="1", **COLUMNS, **WRITING)
    assert "is being read" in world.post("register-import-resume")
    world.read()
    assert "This is what the file would change" in world.post("register-import-resume")


def test_nothing_lies_in_clear_while_a_file_waits(world: World, tmp_path: object, settings: object) -> None:
    world.bring(FILE.encode())
    kept = b"".join(bytes(piece.sealed) for piece in Piece.objects.filter(of=world.underway))
    assert kept
    assert b"Petit" not in kept
    assert "Petit" not in str(world.underway.layout)


@pytest.mark.parametrize("role", [Role.READER])
def test_readers_see_a_register_and_bring_nothing(world: World, browser: Browser, role: Role) -> None:
    client = browser(an_agent(world.certifier, role))
    assert "Registrars and managers bring files" in client.get(world.address("register")).content.decode()
    sent = {"file": SimpleUploadedFile("h.csv", FILE.encode())}
    assert client.post(world.address("register-bring"), sent).status_code == HTTPStatus.FORBIDDEN
    assert not Import.objects.filter(register=world.register).exists()


def test_another_certifiers_register_does_not_exist(world: World, browser: Browser) -> None:
    other = an_organisation(Kind.CERTIFIER)
    world.bring(FILE.encode())
    client = browser(an_agent(other, Role.MANAGER))
    for name, more in (
        ("register", ()),
        ("register-import", (world.underway.pk,)),
        ("register-import-faults", (world.underway.pk,)),
    ):
        assert client.get(world.address(name, *more)).status_code == HTTPStatus.NOT_FOUND
        inside = reverse(name, args=[other.slug, world.register.pk, *more])
        assert client.get(inside).status_code == HTTPStatus.NOT_FOUND


def test_a_forged_form_brings_nothing(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.client.cookies
    sent = {"file": SimpleUploadedFile("h.csv", FILE.encode())}
    assert strict.post(world.address("register-bring"), sent).status_code == HTTPStatus.FORBIDDEN
    assert not Import.objects.filter(register=world.register).exists()


def test_the_first_register_is_opened_by_a_manager(browser: Browser) -> None:
    certifier = an_organisation(Kind.CERTIFIER)
    client = browser(an_agent(certifier, Role.MANAGER))
    address = reverse("registers", args=[certifier.slug])
    assert "No register yet" in client.get(address).content.decode()
    opened = client.post(reverse("register-open", args=[certifier.slug]), {"name": "Habitants"}, follow=True)
    assert "The register is open" in opened.content.decode()
    assert Register.objects.get(owner=certifier).strategy == Strategy.CERTIFIED
    assert "Habitants" in client.get(address).content.decode()
    reader = browser(an_agent(certifier, Role.REGISTRAR))
    assert (
        reader.post(reverse("register-open", args=[certifier.slug]), {"name": "X"}).status_code
        == HTTPStatus.FORBIDDEN
    )


def test_the_dashboard_tells_of_a_file_that_waits(world: World) -> None:
    world.bring(FILE.encode())
    world.post("register-import", read="1", **COLUMNS, **WRITING)
    world.read()
    dashboard = world.client.get(reverse("workspace", args=[world.certifier.slug])).content.decode()
    assert "Confirm or discard the file" in dashboard
    assert funders_see_none(an_organisation(Kind.FUNDER))


def funders_see_none(funder: Organisation) -> bool:
    from abonde.web.register.waiting import links

    return links(funder, Role.MANAGER) == []


def a_workbook(rows: list[list[str]]) -> bytes:
    """The smallest XLSX file that programs open."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Feuille" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": SHEET.format(rows=cells),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()
