"""Giving as a screen reader tells it, from the poster to the slip: nothing unnamed, nothing twice, nothing out of order.

What is said stands in docs/design/giving-aloud.md, for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from abonde.identities.models import Provider
from abonde.matching.rules import PRESETS
from abonde.projects.models import Project
from tests.browser.aloud import Reading, read_aloud
from tests.browser.installation import Walker
from tests.browser.test_citizen_walk import at_the_provider
from tests.factories import a_project, a_round, a_settled_gift

ROOT: Final = Path(__file__).parents[2]
WRITTEN: Final = ROOT / "docs/design/giving-aloud.md"
MADE: Final = ROOT / "build/giving-aloud.md"
ADDRESS: Final = "camille.ecoute@example.org"
CHANGES: Final = (
    (r"\b[0-9A-F]{4} [0-9A-F]{4}\b", "A1B2 C3D4"),
    (r"\b\d{1,2}(?:er)? \w+ 20\d\d(?: à \d{1,2} h \d\d)?", "12 mai 2027 à 18 h 00"),
    (r"encore \d+ \w+", "encore 12 jours"),
    (r"localhost:\d+|127\.0\.0\.1:\d+", "abonde.example"),
    (r"vallee-[0-9a-f]+", "notre-vallee"),
    (r"atelier-[0-9a-f]+", "jardin-de-la-gare"),
)
"""What is another time each run."""
HEAD: Final = """\
# Giving, as a screen reader tells it

From the poster to the slip, as Chromium's accessibility tree has it: on a phone, in French, without JavaScript. Header and footer
are told once. `tests/browser/test_giving_aloud.py` writes this page and holds it: who changes a page of giving reads it again.
"""


@pytest.fixture
def market(database: None) -> Project:
    """A project of a round that takes gifts, beside another one."""
    found = a_round(written_rules=PRESETS["plain"].to_mapping())
    project, other = a_project(found, name="Le jardin de la gare"), a_project(found, name="La grainothèque")
    for one in (project, other, other):
        a_settled_gift(one, 1_000)
    return project


@pytest.fixture
def listener(phone: object, installation: object) -> Walker:
    return Walker(phone, installation)  # type: ignore[arg-type]


def walk(listener: Walker, project: Project) -> Iterator[str]:
    """Each page on the way, by what one does there."""
    listener.arrive(f"/campagnes/{project.round.slug}/projets/{project.slug}/")
    yield "The project, where the poster leads"
    listener.tap(".give button[value='1000']")
    yield "The basket, after 10 €"
    listener.tap(".sum__pay")
    yield "Logging in"
    known = listener.site.number_of_codes(ADDRESS)
    listener.fill("email", ADDRESS)
    listener.send("form[action='/compte/connexion/'] .actions button")
    yield "The code, which an e-mail brings"
    listener.fill("code", "12345678")
    listener.tap(".code-form button")
    listener.page.locator(".field__errors, .error-summary").first.wait_for()
    yield "The code was mistyped"
    listener.fill("code", listener.site.code(ADDRESS, after=known))
    listener.send(".code-form button")
    yield "The basket, logged in"
    listener.tap(".sum__pay")
    yield "The payment page (that of the demonstration)"
    at_the_provider(listener, "pay")
    listener.page.wait_for_url("**/merci/**")
    yield "The thank-you and the slip"


def test_giving_is_told_in_order_and_without_a_gap(listener: Walker, market: Project) -> None:
    Provider.objects.update(
        enabled=False
    )  # others may have set some up, and the page of the log-in would offer them
    told, twice = [], []
    for number, title in enumerate(walk(listener, market), start=1):
        listener.page.wait_for_load_state()
        reading = read_aloud(listener.page)
        assert not reading.nameless, (title, reading.nameless)
        assert reading.levels.count(1) == 1, (title, reading.levels)
        assert all(after <= before + 1 for before, after in pairwise(reading.levels)), (title, reading.levels)
        twice += [(title, one) for one, other in pairwise(reading.lines) if one == other]
        told.append(f"## {number}. {title}\n\n" + "\n".join(f"- {line}" for line in _lines(reading, number)))
    assert not twice, twice
    text = _steady(HEAD + "\n" + "\n\n".join(told) + "\n")
    MADE.parent.mkdir(exist_ok=True)
    MADE.write_text(text, "utf-8")
    written = WRITTEN.read_text("utf-8") if WRITTEN.exists() else ""
    assert text == written, f"listen to the difference, mend it, or copy {MADE} to {WRITTEN}"


def _lines(reading: Reading, number: int) -> list[str]:
    """All of the first page; of the others, what stands between header and footer."""
    lines = reading.lines
    if number == 1:
        return lines
    begin = next((place for place, line in enumerate(lines) if line.startswith("contenu principal")), 1)
    end = next((place for place, line in enumerate(lines) if line.startswith("pied de page")), len(lines))
    return [lines[0], *lines[begin:end]]


def _steady(text: str) -> str:
    for pattern, instead in CHANGES:
        text = re.sub(pattern, instead, text)
    return text
