"""The French catalog: read, brought up to date with the code, filled in, written, compiled."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from abonde.language import DOMAIN, LOCALE
from translating.extracting import template

FRENCH: Final = LOCALE / f"fr/LC_MESSAGES/{DOMAIN}.po"
WIDTH: Final = 110

HEADER: Final = r"""# French messages of Abonde.
msgid ""
msgstr ""
"Project-Id-Version: Abonde 0\n"
"POT-Creation-Date: 2026-01-01 00:00+0000\n"
"PO-Revision-Date: 2026-11-22 00:00+0000\n"
"Language: fr\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
"""Fixed: Babel's own header changes with every day and every version, and so would the file."""

Translations: TypeAlias = "Mapping[str, str | list[str]]"
"""French by English message; for a message with a plural, singular and plural under the English singular."""


def read(path: Path = FRENCH) -> Catalog:
    """The catalog as it is written."""
    return read_po(io.BytesIO(path.read_bytes()), locale="fr")


def update(catalog: Catalog) -> None:
    """Give the catalog the messages of the code, and no others; translations stay with theirs."""
    catalog.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()


def fill(catalog: Catalog, translations: Translations) -> list[str]:
    """Write these translations over what stands. Returns the English of those that no message asks for."""
    unknown = []
    for english, french in translations.items():
        messages = [message for message in catalog if message.id and singular(message) == english]
        if not messages:
            unknown.append(english)
        for message in messages:
            if french:
                if isinstance(french, list) != isinstance(message.id, tuple):
                    raise ValueError(
                        f"{english!r}: write one translation, or [singular, plural] where the English has a plural."
                    )
                message.string = tuple(french) if isinstance(french, list) else french
    return unknown


def singular(message: Message) -> str:
    """The English message; of a message with a plural, its singular."""
    return message.id if isinstance(message.id, str) else message.id[0]


def texts(message: Message) -> tuple[str, ...]:
    """The French of a message: one text, or singular and plural."""
    return (
        tuple(map(str, message.string))
        if isinstance(message.string, tuple | list)
        else (str(message.string or ""),)
    )


def is_translated(message: Message) -> bool:
    """Whether all of the message is there in French."""
    return all(texts(message))


def untranslated(catalog: Catalog) -> dict[str, str | list[str]]:
    """What is left to translate, as `fill` takes it back."""
    return {
        singular(message): "" if isinstance(message.id, str) else ["", ""]
        for message in catalog
        if message.id and not is_translated(message)
    }


def write(catalog: Catalog, path: Path = FRENCH) -> None:
    """Write the catalog and, beside it, its compiled form."""
    text = io.BytesIO()
    write_po(
        text, catalog, width=WIDTH, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    path.write_bytes(HEADER.encode() + text.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


def compiled(catalog: Catalog) -> bytes:
    """The catalog as gettext reads it."""
    content = io.BytesIO()
    write_mo(content, catalog)
    return content.getvalue()
