"""Abonde speaks French: the catalog is complete, well written, and compiled from what is committed."""

from __future__ import annotations

import re
from typing import Final

import pytest
from babel.messages.catalog import Message
from django.utils import translation

from abonde import language
from abonde.matching import Refusal, Refusals
from abonde.matching.amounts import Euros, cents_of_euros
from abonde.web import wording
from translating.catalog import FRENCH, compiled, is_translated, read, texts
from translating.extracting import template

FORBIDDEN: Final = re.compile(
    r"\b(contributions?|contribuer|courriels?|électroniques?|organisme(?!s? publics?)|mécènes?|gestionnaires?|attester"
    r"|cagnotte|utilisateur|utilisatrice|cliquez|matching|backend|tu|toi|ton|tes)\b",
    re.IGNORECASE,
)
"""What docs/design/words.md says otherwise, and tutoiement."""
AMISS: Final = {
    "two spaces": re.compile(r"(?<=\S)[ \u00a0]{2,}"),
    "three points for …": re.compile(r"\.\.\."),
    "a space at an edge": re.compile(r"^ | $"),
    "a number without its narrow spaces": re.compile(r"\d \d{3}"),
}
"""What is amiss in either language."""
CODE: Final = re.compile(r'="[^"]*"|\w+ = "[^"]*"|"(?:none|1/10|10 %)"')
"""Where straight quotes belong: attributes of HTML, and what one writes into a file of rules."""


def fields(text: str) -> set[str]:
    """The names in {braces} and in %(percents)s, and nameless %s."""
    return set(re.findall(r"\{(\w+)[^}]*\}", text)) | set(re.findall(r"%(?:\(\w+\))?[sd]\b", text))


def end(text: str) -> str:
    """The mark with which a sentence ends; a heading has none."""
    return text[-1] if text[-1] in ".?!…:" else ""


def test_every_message_of_the_code_has_a_french_translation() -> None:
    french = read()
    wanted = [message for message in template() if message.id]
    assert len(wanted) > 200
    untranslated = [
        message.id
        for message in wanted
        if (found := french.get(message.id, message.context)) is None or not is_translated(found)
    ]
    assert not untranslated


def test_the_catalog_holds_nothing_else_and_nothing_doubtful() -> None:
    french = read()
    known = {(message.id, message.context) for message in template()}
    assert {(message.id, message.context) for message in french} == known
    assert not [message.id for message in french if message.id and message.fuzzy]
    assert not french.obsolete


@pytest.mark.parametrize(
    "message",
    [message for message in read() if message.id and is_translated(message)],
    ids=lambda message: str(message.id)[:40],
)
def test_a_translation_keeps_the_fields_and_the_typography(message: Message) -> None:
    english = message.id if isinstance(message.id, str) else message.id[-1]
    assert fields(texts(message)[-1]) == fields(english)
    for french in texts(message):
        assert not re.search(r" [;!?»](?!\w)|« | :(?=\s)", french), "a no-break space is missing"
        assert "'" not in re.sub(r"'[^' ]+'", "", french), "an apostrophe is typed as a straight quote"
        assert not re.search(r'["“”]', CODE.sub("", french)), "a quotation stands between « and »"
        assert not re.search(r"[^\u202f(]€", french), "a narrow no-break space stands before €"


@pytest.mark.parametrize(
    "message",
    [message for message in read() if message.id and is_translated(message)],
    ids=lambda message: str(message.id)[:40],
)
def test_a_translation_keeps_the_words_of_the_house(message: Message) -> None:
    english = (message.id,) if isinstance(message.id, str) else message.id
    for said, french in zip(english, texts(message), strict=True):
        assert not FORBIDDEN.search(french), "docs/design/words.md has another word"
        assert not re.search(r"\w·\w", french), "a point inside a word is spelled out by screen readers"
        assert end(said) == end(french), "one is a sentence, the other not"
        assert not [amiss for amiss, found in AMISS.items() if found.search(french)]


def test_english_is_well_written_too() -> None:
    said = [
        text
        for message in template()
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    ]
    assert not [text for text in said for found in AMISS.values() if found.search(text)]
    assert not [text for text in said if re.search(r"""["]|(?<!\{)\b'\w""", CODE.sub("", text))], "use ’ “ ”"


def test_the_compiled_catalog_is_that_of_the_text() -> None:
    assert FRENCH.with_suffix(".mo").read_bytes() == compiled(read())


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


@pytest.mark.parametrize(
    ("visitors", "sentence"),
    [
        (
            "fr",
            "montant\u00a0: douze n’est pas un montant en euros\u202f; écrivez-le sans signe et avec deux décimales au plus, par exemple 12 ou 12.50.",
        ),
        (
            "en",
            "amount: douze is not an amount in euros; write it without sign and with at most two decimals, such as 12 or 12.50.",
        ),
    ],
    ids=["fr", "en"],
)
def test_a_page_tells_a_refusal_in_the_language_of_its_visitor(
    monkeypatch: pytest.MonkeyPatch, visitors: str, sentence: str
) -> None:
    monkeypatch.setenv("LANGUAGE", "en" if visitors == "fr" else "fr")  # that of the process does not matter
    with pytest.raises(Refusal) as refused:
        cents_of_euros("douze")
    with translation.override(visitors):
        assert language.sentences(refused.value, translation.gettext) == [sentence]


@pytest.mark.parametrize(
    ("visitors", "sentence"),
    [("fr", "a.csv\u00a0: 1\u202f000,50\u202f€"), ("en", "a.csv: €1,000.50")],
)
def test_a_page_writes_the_amounts_of_a_refusal_as_its_visitor_does(visitors: str, sentence: str) -> None:
    refusal = Refusal("{file}: {problem}", file="a.csv", problem=Euros(100_050))
    with translation.override(visitors):
        assert wording.sentences(refusal) == [sentence]
    assert str(refusal) == "a.csv: 1000.50 €"


def test_pages_and_the_command_line_share_one_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    language.use("fr")
    one, many = "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"
    with translation.override("fr"):
        assert translation.ngettext(one, many, 2) == language.ngettext(one, many, 2) != many
