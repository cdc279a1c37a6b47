"""Abonde speaks French: the catalog is complete, well written, and compiled from what is committed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from abonde import language
from abonde.matching import Refusal, Refusals

SOURCES = Path(language.__file__).parent
FRENCH = SOURCES / "locale/fr/LC_MESSAGES"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **dict.fromkeys(("mark", "Refusal", "_unknown", "AlreadyReversed", "KeyUsed", "NotEnough", "Unbalanced")),
    "mark_plural": (1, 2),
}


def catalog() -> Catalog:
    return read_po(io.BytesIO((FRENCH / "abonde.po").read_bytes()), locale="fr")


def texts(message: Message) -> tuple[str, ...]:
    return (
        tuple(map(str, message.string))
        if isinstance(message.string, tuple | list)
        else (str(message.string or ""),)
    )


def in_the_code() -> Iterator[str]:
    for _file, _line, message, _comments, _context in extract_from_dir(SOURCES, keywords=KEYWORDS):
        yield message if isinstance(message, str) else message[0]


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)[^}]*\}", text))


def test_every_message_of_the_code_has_a_french_translation() -> None:
    french = catalog()
    wanted = set(in_the_code())
    assert len(wanted) > 200
    untranslated = [text for text in wanted if (found := french.get(text)) is None or not all(texts(found))]
    assert not untranslated


def test_the_catalog_holds_nothing_else_and_nothing_doubtful() -> None:
    french = catalog()
    known = set(in_the_code())
    assert {
        message.id if isinstance(message.id, str) else message.id[0] for message in french if message.id
    } == known
    assert not [message.id for message in french if message.id and message.fuzzy]
    assert not french.obsolete


@pytest.mark.parametrize(
    "message", [message for message in catalog() if message.id], ids=lambda message: str(message.id)[:40]
)
def test_a_translation_keeps_the_fields_and_the_typography(message: Message) -> None:
    english = message.id if isinstance(message.id, str) else message.id[-1]
    assert fields(texts(message)[-1]) == fields(english)
    for french in texts(message):
        assert not re.search(r" [;!?»](?!\w)|« | :(?=\s)", french), "a no-break space is missing"
        assert "'" not in re.sub(r"'[^' ]+'", "", french), "an apostrophe is typed as a straight quote"


def test_the_compiled_catalog_is_that_of_the_text() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalog())
    assert (FRENCH / "abonde.mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(
    ("asked", "variables", "spoken"),
    [
        (None, {}, "fr"),
        (None, {"LANG": "C.UTF-8"}, "fr"),
        (None, {"LANG": "en_GB.UTF-8"}, "en"),
        (None, {"LANG": "en_GB.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr"),
        (None, {"LANG": "en_GB.UTF-8", "ABONDE_LANGUAGE": "fr"}, "fr"),
        ("en", {"ABONDE_LANGUAGE": "fr"}, "en"),
    ],
)
def test_the_language_is_the_one_asked_for(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, variables: dict[str, str], spoken: str
) -> None:
    for name in ("ABONDE_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LANGUAGE", "")
    language.use(asked)
    assert language.spoken() == spoken


def test_refusals_are_told_in_french_with_their_words_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    language.use("fr")
    row = Refusal(
        "{where}, column {column}: empty; write the gift in whole cents.",
        where=Refusal("{file}, line {number}", file="a.csv", number=3),
        column="cents",
    )
    word = Refusal("{what} {word!r} is not known; did you mean {near!r}?", what="key", word="{x}", near="y")
    assert language.sentences(Refusals([row, Refusal("{file}: {problem}", file="r.toml", problem=word)])) == [
        "a.csv, ligne 3, colonne cents\u00a0: vide\u202f; écrivez le don en centimes entiers.",
        "r.toml\u00a0: la clé «\u00a0{x}\u00a0» n’existe pas\u202f; vouliez-vous dire «\u00a0y\u00a0»\u202f?",
    ]
