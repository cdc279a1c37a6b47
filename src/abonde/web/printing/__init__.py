"""Pages for paper: a layout of this folder, filled with words and pictures, as a PDF that screen readers can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import qrcode
import typst
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from qrcode.image.svg import SvgPathFillImage

HERE: Final = Path(__file__).parent
"""Where layouts and fonts are."""
AN_HOUR: Final = 3600
WORDMARK: Final = ".wordmark__letters{fill:#2c2520}.wordmark__bowl{fill:#17604f}.wordmark__dot{fill:#ffd166}"
IDEA: Final = (
    "text{font-family:'Libertinus Serif'}.idea__given,.idea__person{fill:#b4662a}"
    ".idea__person{stroke:#fff;stroke-width:1.4}.idea__added{fill:#2b7264}"
    ".idea__nothing{fill:none;stroke:#17604f;stroke-width:2;stroke-dasharray:3 4}"
    ".idea__ground{stroke:#665a50;stroke-width:2}.idea__threads{fill:none;stroke:#17604f;stroke-width:.7;opacity:.75}"
    ".idea__amount{fill:#2c2520;font-size:17px;font-weight:700}text.idea__amount--added{fill:#17604f}"
    ".idea__word{fill:#665a50;font-size:13px}.idea__who{fill:#2c2520;font-size:15px;font-weight:700;text-anchor:middle}"
    ".idea__word--middle{text-anchor:middle}"
)
"""On a page, the colours of a drawing come from the page; on paper they come along."""


def pdf_of(layout: str, words: Mapping[str, object], pictures: Mapping[str, bytes]) -> bytes:
    """The layout `NAME.typ` of this folder with its words, which it reads as data and never as code.

    `pictures` are files by name, as the layout calls them; `wordmark.svg` and `house.typ` are always there. It reads no
    other file.
    """
    with TemporaryDirectory() as folder:
        main = Path(folder, "main.typ")
        given = {
            main.name: (HERE / f"{layout}.typ").read_bytes(),
            "house.typ": (HERE / "house.typ").read_bytes(),
            "wordmark.svg": drawn(render_to_string("partials/wordmark.html"), WORDMARK),
            **pictures,
        }
        for name, content in given.items():
            Path(folder, name).write_bytes(content)
        made = Path(folder, "made.pdf")
        inputs = {"words": json.dumps(words)}
        typst.compile(str(main), str(made), root=folder, font_paths=[str(HERE)], sys_inputs=inputs)
        return made.read_bytes()


def sheet(pdf: bytes, name: str) -> HttpResponse:
    """The answer that carries the PDF, to be seen at once and saved as `name`.pdf."""
    response = HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": f"public, max-age={AN_HOUR}",
        },
    )
    patch_vary_headers(response, ["Accept-Language", "Cookie"])  # a cookie keeps the language that was chosen
    return response


def drawn(picture: str, style: str) -> bytes:
    """A drawing of a page as a file of its own, in the colours of the style."""
    picture = str(picture)[str(picture).index("<svg") :].replace(
        "<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1
    )
    return picture.replace("</svg>", f"<style>{style}</style></svg>").encode()


def code(text: str) -> bytes:
    """The text as a QR code in SVG, with enough spare marks to be read from a crumpled sheet."""
    made = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=0, image_factory=SvgPathFillImage)
    made.add_data(text)
    out = BytesIO()
    made.make_image().save(out)
    return out.getvalue()
