"""Canary people go through an import on the served platform; of what their rows say not one byte is found anywhere afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.db import connection
from django.urls import reverse

from abonde.organisations.models import Role
from abonde.register.identity import read_pivot
from abonde.register.models import Entry, Import, Register, Strategy
from abonde.register.search import find_entries
from abonde.register.states import State
from tests.drills.leaking import in_files, in_tables, written
from tests.drills.serving import Platform, patiently, served
from tests.factories import a_register, an_agent

pytestmark = pytest.mark.usefixtures("database")

NAME, GIVEN, BAD_NAME, STREET = "Zbrouchtkova", "Quetzalyne", "Wrzesnioval", "Jaunecanari"
BORN, WRITTEN, NEVER = "1932-02-29", "29/02/1932", "31/02/1933"
CANARIES = (NAME, GIVEN, BAD_NAME, STREET, BORN, WRITTEN, NEVER)
TITLES = "Nom de naissance;Prénoms;Date de naissance;Adresse\n"
FILE = (
    f"{TITLES}{NAME};{GIVEN};{WRITTEN};12 impasse {STREET}\n{BAD_NAME};{GIVEN};{NEVER};12 impasse {STREET}\n"
)
BROKEN = f'{TITLES}"{NAME};{GIVEN};{WRITTEN};12 impasse {STREET}\n' + f"{NAME};{GIVEN}\n" * 8000
COLUMNS = {"birth_name": "0", "given_names": "1", "birthdate": "2"}
WRITING = {"encoding": "utf-8-sig", "delimiter": ";", "has_titles": "on", "read": "1"}


class Registrar:
    """A registrar's browser on the served platform, in the room of a register."""

    def __init__(self, platform: Platform, register: Register) -> None:
        self.register = register
        self.client = platform.as_person(an_agent(register.owner, Role.REGISTRAR))
        self.client.follow_redirects = True

    def address(self, name: str, *more: object) -> str:
        return reverse(name, args=[self.register.owner.slug, self.register.pk, *more])

    def page(self, name: str, *more: object) -> str:
        answer = self.client.get(self.address(name, *more))
        assert answer.status_code == httpx.codes.OK
        return answer.text

    def post(self, name: str, *more: object, **sent: object) -> str:
        token = {"X-CSRFToken": self.client.cookies["csrftoken"]}
        answer = self.client.post(self.address(name, *more), headers=token, **sent)  # type: ignore[arg-type]
        assert answer.status_code == httpx.codes.OK
        return answer.text

    def bring(self, text: str) -> int:
        self.post("register-bring", files={"file": (f"{NAME}.csv", text.encode(), "text/csv")})
        return Import.objects.filter(register=self.register).latest("pk").pk


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """Served where whatever it writes, temporary files too, lies below one folder."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def registrar(platform: Platform) -> Iterator[Registrar]:
    opened = Registrar(platform, a_register(strategy=Strategy.CERTIFIED))
    with opened.client:
        yield opened


def places(platform: Platform) -> list[str]:
    """Wherever a canary is found: tables, the database's own files, logs, letters, temporary files."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    database = Path(str(connection.settings_dict["HOST"]))
    folders = [platform.folder, *([database] if database.is_dir() else [])]
    found = [*in_tables(CANARIES), *(place for folder in folders for place in in_files(CANARIES, folder))]
    assert "register_entry" not in found
    return found


def ended(number: int, state: State) -> None:
    patiently(lambda: Import.objects.filter(pk=number, state=state), state)


def test_nothing_of_a_file_is_left_anywhere(platform: Platform, registrar: Registrar) -> None:
    registrar.page("register")
    number = registrar.bring(FILE)
    assert NAME in registrar.page("register-import", number)
    registrar.post("register-import", number, data={**COLUMNS, **WRITING})
    ended(number, State.COMPARED)
    assert NAME in registrar.page("register-import", number)
    assert BAD_NAME in registrar.page("register-import-faults", number)
    assert places(platform) == [], "while the file waits"

    registrar.post("register-import-confirm", number)
    ended(number, State.DONE)
    assert BAD_NAME not in registrar.page("register-import-faults", number)
    assert len(find_entries(registrar.register, read_pivot(NAME, GIVEN, BORN))) == 1
    looked_up = registrar.post(
        "counter-search", data={"birth_name": NAME, "given_names": GIVEN, "birthdate": WRITTEN}
    )
    assert NAME in looked_up
    discarded = registrar.bring(FILE)
    registrar.post("register-import-discard", discarded)
    broken = registrar.bring(BROKEN)
    registrar.post("register-import", broken, data={**COLUMNS, **WRITING})
    registrar.post("register-import-discard", broken)
    assert Entry.objects.filter(register=registrar.register).count() == 1
    platform.stop()
    assert places(platform) == [], "afterwards"


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    register = a_register()
    Register.objects.filter(pk=register.pk).update(name=f"Inhabitants {NAME.upper()}")
    try:
        assert list(in_tables(CANARIES)) == ["register_register"]
        Register.objects.filter(pk=register.pk).update(name="Inhabitants", sealed_key=f"…{GIVEN}…".encode())
        assert list(in_tables(CANARIES)) == ["register_register"]
    finally:
        Register.objects.filter(pk=register.pk).update(
            name="Inhabitants", sealed_key=bytes(register.sealed_key)
        )
    for number, content in enumerate(written(NAME)):
        (tmp_path / f"{number}").write_bytes(b"before" + content + b"after")
    assert len(list(in_files(CANARIES, tmp_path))) == len(written(NAME))
