"""The catalog follows the code: what is extracted, and how translations are filled in."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from click.testing import CliRunner

from translating import __main__ as command
from translating import catalog, extracting
from translating.extracting import FUNCTIONS, refusals, template_messages


def messages(template: str) -> list[Any]:
    file = io.BytesIO(template.encode())
    file.name = "page.html"
    return [message for _line, _function, message, _comments in template_messages(file, FUNCTIONS, (), {})]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>{% translate 'Gifts' %}</p>", ["Gifts"]),
        ("  <p>\n        {% translate 'Gifts' as word %}\n  </p>\n", ["Gifts"]),
        ("<p>Don\u00a0: l’été\u202f!</p>{% translate 'Gifts' %}", ["Gifts"]),
        ("{% blocktranslate trimmed %}\n  {{ name }} gave\n  100%.\n{% endblocktranslate %}", ["%(name)s gave 100%%."]),
        (
            "{% blocktranslate count n=n %}{{ n }} gift{% plural %}{{ n }} gifts{% endblocktranslate %}",
            [("%(n)s gift", "%(n)s gifts")],
        ),
        ("{% translate 'May' context 'month' %}", [("month", "May")]),
        ('{% include "x.html" with title=_("It’s open") %}', ["It’s open"]),
        ("{% comment %}{% translate 'Gifts' %}{% endcomment %}", []),
        ("function f() { return (1 + [2; }  'a quote", []),
    ],
)  # fmt: skip
def test_a_template_is_read_as_django_reads_it(template: str, found: list[Any]) -> None:
    flat = [
        tuple(part for part in said if part) if isinstance(said, tuple) else said
        for said in messages(template)
    ]
    assert flat == found


def test_refusals_are_known_by_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "class Refusal(ValueError): ...\nclass Late(refusal.Refusal): ...\nclass Other(ValueError): ...\n"
    )
    (tmp_path / "two.py").write_text("class TooLate(Late): ...\n")
    assert refusals(tmp_path) == {"Refusal", "Late", "TooLate"}


def test_the_refusals_of_the_house_are_found() -> None:
    assert {"Refusal", "Refusals", "KeyUsed", "NotEnough", "NotAllowed", "WrongFile"} <= refusals(
        extracting.SOURCES
    )


def test_messages_of_code_and_templates_are_found() -> None:
    known = {message.id for message in extracting.template()}
    assert (
        "The key {key} already stands for another transaction ({id}): {sentence}" in known
    )  # of a refusal's own kind
    assert ("%(written)s person gave", "%(written)s people gave") in known  # of a template
    assert "Show this message and exit." in known  # marked


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog of three messages, one of them translated, in a place of its own."""
    french = Catalog(locale="fr")
    french.add("Gift", "Don")
    french.add("Fund")
    french.add(("{n} gift", "{n} gifts"))
    asked = Catalog()
    for message in french:
        if message.id:
            asked.add(message.id)
    path = tmp_path / "django.po"
    catalog.write(french, path)
    monkeypatch.setattr(catalog, "template", lambda: asked)
    monkeypatch.setattr(catalog.read, "__defaults__", (path,))
    monkeypatch.setattr(catalog.write, "__defaults__", (path,))
    monkeypatch.chdir(tmp_path)
    return path


def run(folder: Path, translations: object = None) -> str:
    file = folder / "french.json"
    file.write_text(json.dumps(translations or {}))
    ran = CliRunner().invoke(command.main, [str(file)], catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.output


def test_running_it_again_changes_nothing(small: Path) -> None:
    first = small.read_bytes(), small.with_suffix(".mo").read_bytes()
    run(small.parent)
    assert (small.read_bytes(), small.with_suffix(".mo").read_bytes()) == first


def test_translations_fill_what_is_empty_and_correct_what_stands(small: Path) -> None:
    told = run(
        small.parent, {"Gift": "Cadeau", "{n} gift": ["{n} don", "{n} dons"], "Nobody asks": "Personne"}
    )
    filled = {
        catalog.singular(message): catalog.texts(message) for message in catalog.read(small) if message.id
    }
    assert filled == {"Gift": ("Cadeau",), "Fund": ("",), "{n} gift": ("{n} don", "{n} dons")}
    assert "no message of the code reads 'Nobody asks'" in told
    assert "1 messages are untranslated" in told
    assert small.with_suffix(".mo").read_bytes() == catalog.compiled(catalog.read(small))


def test_an_empty_translation_takes_nothing_away(small: Path) -> None:
    run(small.parent, {"Gift": ""})
    assert catalog.read(small).get("Gift").string == "Don"  # type: ignore[union-attr]


def test_what_remains_is_written_down_to_be_filled_in(small: Path) -> None:
    run(small.parent)
    left = json.loads((small.parent / command.LEFT).read_text("utf-8"))
    assert left == {"Fund": "", "{n} gift": ["", ""]}


def test_a_plural_asks_for_two_translations(small: Path) -> None:
    with pytest.raises(ValueError, match=r"\[singular, plural\]"):
        run(small.parent, {"{n} gift": "{n} dons"})
    with pytest.raises(ValueError, match=r"\[singular, plural\]"):
        run(small.parent, {"Fund": ["Fonds", "Fonds"]})
