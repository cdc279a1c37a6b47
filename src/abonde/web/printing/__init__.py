"""Pages for paper: a layout of this folder, filled with words and pictures, as a PDF that screen readers can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typst
from django.template.loader import render_to_string

HERE: Final = Path(__file__).parent
"""Where layouts and fonts are."""
COLOURS: Final = (
    "<style>.wordmark__letters{fill:#2c2520}.wordmark__bowl{fill:#17604f}.wordmark__dot{fill:#ffd166}</style>"
)


def pdf_of(layout: str, words: Mapping[str, object], pictures: Mapping[str, bytes]) -> bytes:
    """The layout `NAME.typ` of this folder with its words, which it reads as data and never as code.

    `pictures` are files by name, as the layout calls them; `wordmark.svg` is always there. It reads no other file.
    """
    with TemporaryDirectory() as folder:
        main = Path(folder, "main.typ")
        given = {
            main.name: (HERE / f"{layout}.typ").read_bytes(),
            "wordmark.svg": _wordmark().encode(),
            **pictures,
        }
        for name, content in given.items():
            Path(folder, name).write_bytes(content)
        made = Path(folder, "made.pdf")
        inputs = {"words": json.dumps(words)}
        typst.compile(str(main), str(made), root=folder, font_paths=[str(HERE)], sys_inputs=inputs)
        return made.read_bytes()


def _wordmark() -> str:
    drawn = str(render_to_string("partials/wordmark.html"))
    drawn = drawn[drawn.index("<svg") :].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return drawn.replace("</svg>", f"{COLOURS}</svg>")
