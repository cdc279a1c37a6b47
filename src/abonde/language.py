"""The language in which Abonde speaks: French, or English where it is asked for. Messages are gettext's.

English sentences stand in the code; `locale/` holds their translations. Importing this module reads no catalog.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from gettext import bindtextdomain, gettext, ngettext, textdomain
from pathlib import Path
from typing import Final

from abonde.matching.amounts import Euros
from abonde.matching.refusal import Refusal, Refusals

__all__ = [
    "DOMAIN",
    "LANGUAGES",
    "LOCALE",
    "mark",
    "mark_plural",
    "ngettext",
    "sentences",
    "spoken",
    "told",
    "use",
]

LANGUAGES: Final = ("fr", "en")
LOCALE: Final = Path(__file__).parent / "locale"

DOMAIN: Final = "django"
"""The catalog's name: Django loads no other, and one catalog serves the command line and the pages."""


def mark(message: str) -> str:
    """The message as it is: marks it for translation where it is shown."""
    return message


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """The messages as they are: marks a singular and its plural for translation where they are shown."""
    return one, many


WORDS: Final = (
    *(
        mark("amount"),
        mark("need"),
        mark("challenge"),
        mark("place"),
        mark("key"),
        mark("preset"),
        mark("mechanism"),
    ),
    *(mark("person"), mark("project"), mark("cents"), mark("eligible")),
    *(mark("a spreadsheet or a zip archive"), mark("compressed with gzip")),
)
"""Words that refusals carry as values, to be put into a sentence."""


def spoken() -> str:
    """The language in use: "fr" or "en"."""
    return os.environ.get("LANGUAGE", LANGUAGES[0])


def use(asked: str | None = None) -> None:
    """Speak the language `asked` for, else that of ABONDE_LANGUAGE or of the locale where it is English, else French."""
    locale = next((set_ for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (set_ := os.environ.get(name))), "")
    wanted = asked or os.environ.get("ABONDE_LANGUAGE") or locale
    # gettext, and with it click's own messages, looks for its catalog by this variable first.
    os.environ["LANGUAGE"] = "en" if wanted.lower().startswith("en") else "fr"
    bindtextdomain(DOMAIN, LOCALE)
    textdomain(DOMAIN)


def told(
    refusal: Refusal, translate: Callable[[str], str] = gettext, money: Callable[[int], str] = str
) -> str:
    """One refusal as a sentence in the language in use; values that are words or refusals are translated with it.

    A page gives Django's `gettext` to translate with: the visitor's language is not that of the process,
    and `money` to write amounts (cents) as that language does.
    """
    values = {name: _told_value(name, value, translate, money) for name, value in refusal.values.items()}
    return translate(refusal.message).format(**values)


def sentences(
    refusal: Refusal, translate: Callable[[str], str] = gettext, money: Callable[[int], str] = str
) -> list[str]:
    """All that a refusal has to say, one sentence each, as `told` tells it."""
    if isinstance(refusal, Refusals):
        return [sentence for part in refusal.refusals for sentence in sentences(part, translate, money)]
    return [told(refusal, translate, money)]


def _told_value(
    name: str, value: object, translate: Callable[[str], str], money: Callable[[int], str]
) -> object:
    if isinstance(value, Refusal):
        return told(value, translate, money)
    if isinstance(value, Euros):
        return money(value)
    return translate(value) if name in ("what", "role") and isinstance(value, str) and value else value
