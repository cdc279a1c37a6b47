"""What there is to translate: the English messages in the code and in the templates."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from django.utils.translation.template import templatize

SOURCES: Final = Path(__file__).parents[1] / "src/abonde"

KINDS_OF_FILES: Final = [
    ("**/templates/**.html", "translating.extracting:template_messages"),
    ("**/templates/**.txt", "translating.extracting:template_messages"),
    ("**.py", "python"),
]

FUNCTIONS: Final[Mapping[str, Any]] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "mark": None,
    "mark_plural": (1, 2),
}
"""Those whose arguments are messages: which of them, as Babel writes it; "c" is a context."""


def template() -> Catalog:
    """All messages of the code, without translations."""
    catalog = Catalog()
    keywords = {**FUNCTIONS, **dict.fromkeys(refusals(SOURCES))}
    for _file, _line, message, _comments, context in extract_from_dir(
        SOURCES, method_map=KINDS_OF_FILES, keywords=keywords
    ):
        catalog.add(message, context=context)
    return catalog


@cache
def refusals(sources: Path) -> frozenset[str]:
    """The names of Refusal and of the classes that come from it; the first argument of each is a message.

    They are read from the source: importing all of the code would start the platform.
    """
    bases = {
        node.name: {
            base.id if isinstance(base, ast.Name) else base.attr
            for base in node.bases
            if isinstance(base, ast.Name | ast.Attribute)
        }
        for path in sources.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    found = {"Refusal"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return frozenset(found)


def template_messages(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, object]
) -> Iterator[Any]:
    """Babel's way into a Django template: Django writes its messages as calls of gettext, Babel reads these as Python.

    Babel also passes the `options` that were set for such files: there are none.
    """
    del options
    calls = templatize(file.read().decode(), origin=file.name)
    # Python would take an indented line for a block, and refuses a no-break space.
    python = re.sub(r"^[ \t]+", "", re.sub(r"[^\S\n]", " ", calls), flags=re.MULTILINE)
    yield from extract_python(io.BytesIO(python.encode()), dict.fromkeys(keywords), comment_tags, {})
