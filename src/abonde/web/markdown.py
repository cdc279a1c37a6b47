"""Texts that people write, from Markdown to HTML that can do no harm."""

from __future__ import annotations

import re
from typing import Final

import nh3
from markdown_it import MarkdownIt

TAGS: Final = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h3",
    "h4",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "ul",
}
LEVELS: Final = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
"""Headings of a text stand below the title and the section of the page that shows it."""

THIN: Final = re.compile(r"(?<=\S) (?=[;!?%€](?:\W|$))")
WIDE: Final = re.compile(r"(?<=\S) (?=[:»](?:\s|$))|(?<=«) ")
"""Spaces of French typography, which keyboards cannot write: no line may break there."""

_reader: Final = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


def html_of(text: str) -> str:
    """HTML of a text in Markdown: no raw HTML, no picture, links to http, https and mailto only.

    The reader refuses raw HTML by escaping it; the cleaner comes after, so that one mistake of either does no harm.
    """
    tokens = _reader.parse(text)
    for token in tokens:
        token.tag = LEVELS.get(token.tag, token.tag)
        for part in token.children or ():
            if part.type == "text":
                part.content = _held_together(part.content)
    written = _reader.renderer.render(tokens, _reader.options, {})
    return nh3.clean(
        written,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener",
    )


def _held_together(words: str) -> str:
    return WIDE.sub("\u00a0", THIN.sub("\u202f", words))
