"""Small files that are what they say."""

from __future__ import annotations

import io

from PIL import Image


def a_png(name: str = "photo.png", size: tuple[int, int] = (900, 600)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, (23, 96, 79)).save(out, "PNG")
    out.seek(0)
    out.name = name
    return out


def a_pdf(name: str = "statuts.pdf") -> io.BytesIO:
    out = io.BytesIO(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    out.name = name
    return out
