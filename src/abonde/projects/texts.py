"""What people type, as it is kept: without what no one sees, and no longer than its place."""

from __future__ import annotations

import unicodedata
from typing import Final

from abonde.matching.refusal import Refusal

LONGEST_NAME: Final = 120
LONGEST_SUMMARY: Final = 280
LONGEST_STORY: Final = 20_000
LONGEST_WORDS: Final = 5_000
"""Reasons, an appeal, ties, an address: what is explained in a few paragraphs."""
LONGEST_NEWS: Final = 10_000
LONGEST_QUESTION: Final = 1_000
LONGEST_ANSWER: Final = 3_000
LONGEST_TITLE: Final = 150

TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the reading direction of what follows, on and beyond the text itself."""


def paragraphs(text: str) -> str:
    """The text without control characters, half characters and turning marks; lines end in a line feed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in lines if one in "\n\t" or _is_seen(one))
    return unicodedata.normalize("NFC", kept).strip()


def line(text: str) -> str:
    """The same on one line, its runs of white space as one space."""
    return " ".join(paragraphs(text).split())


def at_most(longest: int, text: str) -> str:
    """The text. Raises Refusal if it has more characters than `longest`."""
    if len(text) > longest:
        raise Refusal(
            "“{beginning}…” has {length} characters; {longest} fit here: shorten it.",
            beginning=text[:30],
            length=len(text),
            longest=longest,
        )
    return text


def _is_seen(character: str) -> bool:
    return character not in TURNING and unicodedata.category(character) not in {"Cc", "Cs"}
