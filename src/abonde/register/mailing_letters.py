"""The letters themselves: words, codes and addresses become a PDF in memory; no file is ever written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import qrcode
import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathFillImage

from abonde.register.codes import GOOD_FOR, grouped
from abonde.register.models import Register

LAYOUT: Final = Path(__file__).parent / "letters" / "letter.typ"


@dataclass(frozen=True, slots=True)
class Addressed:
    """One letter: the lines of its address, and its code."""

    lines: Sequence[str] = field(repr=False)
    code: str = field(repr=False)


def pdf_of(letters: Sequence[Addressed], *, register: Register, claim_page: str) -> bytes:
    """A PDF with one page a letter, in the present language. `claim_page` is the whole address of the page of codes."""
    words = {
        "title": _("Letters with codes"),
        "language": get_language(),
        "sender": register.owner.name,
        "heading": _("Your voice for the projects of our territory"),
        "opening": [
            _(
                "Inhabitants give to local projects, and a common fund adds to their gifts: the more people support a project, the more it adds. For that, each inhabitant has one voice."
            ),
            _(
                "This letter is yours: its code ties your voice to an account of your choice, once, for the register “{register}”."
            ).format(register=register.name),
        ],
        "code_title": _("Your code"),
        "address": claim_page,
        "steps": [
            _("Scan the drawing with your phone, or open {address}.").format(address=claim_page),
            _("Log in, or make an account: an e-mail address is enough."),
            _("Type this code."),
        ],
        "closing": [
            _(
                "The code is good once and for {days} days. Whoever has it can claim your voice: keep it for yourself."
            ).format(days=GOOD_FOR.days),
            _(
                "The site keeps no name and no address of you, only a fingerprint. Without internet, or with a question, come to our counter with an identity card."
            ),
        ],
        "letters": [
            {"lines": list(letter.lines), "code": grouped(letter.code), "qr": f"{place}.svg"}
            for place, letter in enumerate(letters)
        ],
    }
    files = {
        "main.typ": LAYOUT.read_bytes(),
        "letters.json": json.dumps(words).encode(),
        **{
            f"{place}.svg": _drawn(f"{claim_page}?code={letter.code}") for place, letter in enumerate(letters)
        },
    }
    made = typst.compile(files)  # type: ignore[call-overload]  # files by name, which its stubs do not know
    assert isinstance(made, bytes)  # noqa: S101  (one PDF, as no output was named)
    return made


def _drawn(address: str) -> bytes:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0, image_factory=SvgPathFillImage)
    code.add_data(address)
    drawn: bytes = code.make_image().to_string()
    return drawn
