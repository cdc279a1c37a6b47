"""Files that people send: a picture is decoded and written anew, a document is a PDF or refused."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import IO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from abonde.matching.refusal import Refusal

MEGABYTE: Final = 1024 * 1024
LARGEST_FILE: Final = 10 * MEGABYTE
MOST_PIXELS: Final = 60_000_000
"""More than the cameras of phones make; decoded, it is 180 MB."""
FEWEST_PIXELS_A_SIDE: Final = 200
LARGE: Final = (1600, 1600)
SMALL: Final = (640, 640)
"""What a picture is shrunk to for its project's page and for a card, in pixels."""
READABLE: Final = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY: Final = 82
END_OF_PDF: Final = 2048
"""A PDF ends with %%EOF, after which programs may leave some bytes."""

BROKEN: Final = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError)
"""What Pillow's readers raise for a file that is broken or something else."""


class WrongFile(Refusal):
    """The file is too large, broken, or not what it says."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in one size, as WebP without metadata."""

    content: bytes
    width: int
    height: int


def read_picture(upload: IO[bytes]) -> tuple[Picture, Picture]:
    """The picture for the page and for the card, upright, without place, time and name of the camera.

    Raises WrongFile.
    """
    content = _read(upload)
    try:
        with Image.open(io.BytesIO(content), formats=READABLE) as image:
            _check_size(*image.size)
            image.draft("RGB", (2 * LARGE[0], 2 * LARGE[1]))  # a JPEG need not be decoded at its full size
            upright = _bare(ImageOps.exif_transpose(image))
            return _shrunk(upright, LARGE), _shrunk(upright, SMALL)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except WrongFile:  # a ValueError too, and already a sentence
        raise
    except BROKEN:
        raise WrongFile(
            "This file is not a picture that can be read: send a JPEG, PNG, WebP or GIF, for instance a photo straight "
            "from your phone, or a screenshot of it."
        ) from None


def read_document(upload: IO[bytes]) -> bytes:
    """The bytes of a PDF, told by its content and not by its name. Raises WrongFile."""
    content = _read(upload)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-END_OF_PDF:]:
        raise WrongFile(
            "This file is not a PDF, or not all of it: export the document as PDF and send it again."
        )
    return content


def _read(upload: IO[bytes]) -> bytes:
    content = upload.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise WrongFile(
            "This file has more than {megabytes} MB: send a smaller one.", megabytes=LARGEST_FILE // MEGABYTE
        )
    if not content:
        raise WrongFile("This file is empty: choose it once more.")
    return content


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if min(width, height) < FEWEST_PIXELS_A_SIDE:
        raise WrongFile(
            "This picture is {width} × {height} pixels small: send one of at least {fewest} pixels on each side.",
            width=width,
            height=height,
            fewest=FEWEST_PIXELS_A_SIDE,
        )


def _too_many_pixels() -> WrongFile:
    return WrongFile(
        "This picture has more than {millions} million pixels: send a smaller copy of it.",
        millions=MOST_PIXELS // 1_000_000,
    )


def _bare(image: Image.Image) -> Image.Image:
    """The first frame, as colours and transparency and nothing else: a new image bears no metadata."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    bare = Image.new(mode, image.size)
    bare.paste(image.convert(mode))
    return bare


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Picture:
    small = image.copy()
    small.thumbnail(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY)
    return Picture(out.getvalue(), small.width, small.height)
