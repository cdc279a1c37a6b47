from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import ExifTags, Image

from abonde.projects.files import LARGEST_FILE, WrongFile, read_document, read_picture

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def written(image: Image.Image, form: str, *, exif: Image.Exif | bytes | None = None) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **({"exif": exif} if exif is not None else {}))
    return out.getvalue()


def a_photo(width: int = 400, height: int = 300) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("page.html", "<script>alert(1)</script>")
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (zipped(), "not a picture"),
        (SVG, "not a picture"),
        (PDF, "not a picture"),
        (b"GIF89a", "not a picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "not a picture"),
        (written(a_photo(), "PNG")[:-200], "not a picture"),
        (written(a_photo(), "BMP"), "not a picture"),
        (png_that_claims(60_000, 60_000), "60 million pixels"),
        (png_that_claims(10_000, 9_500), "60 million pixels"),
        (png_that_claims(8_000, 7_600), "60 million pixels"),
        (png_that_claims(400, 400), "not a picture"),
        (written(a_photo(1, 1), "PNG"), "1 × 1 pixels small"),
        (b"\0" * (LARGEST_FILE + 1), "more than 10 MB"),
    ],
    ids=[
        "nothing", "zip", "svg", "pdf", "header only", "jpeg of zeros", "cut", "bmp",
        "bomb", "half a bomb", "too large", "no pixels", "a dot", "too heavy",
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(WrongFile, match=sentence):
        read_picture(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_become_webp_in_two_sizes(form: str) -> None:
    large, small = read_picture(io.BytesIO(written(a_photo(3200, 2400), form)))
    assert (large.width, large.height) == (1600, 1200)
    assert (small.width, small.height) == (640, 480)
    for one in (large, small):
        with Image.open(io.BytesIO(one.content)) as again:
            assert again.format == "WEBP"
            assert again.size == (one.width, one.height)


def test_a_small_picture_is_not_blown_up() -> None:
    large, small = read_picture(io.BytesIO(written(a_photo(400, 300), "PNG")))
    assert (large.width, small.width) == (400, 400)


def test_place_and_camera_are_forgotten_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SecretCamera"
    exif[ExifTags.Base.Orientation] = 6  # the camera was turned by a quarter
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (43.0, 36.0, 16.0)
    content = written(a_photo(400, 300), "JPEG", exif=exif)
    assert b"SecretCamera" in content
    large, small = read_picture(io.BytesIO(content))
    assert (large.width, large.height) == (300, 400)
    for one in (large, small):
        assert b"SecretCamera" not in one.content
        with Image.open(io.BytesIO(one.content)) as again:
            assert not again.getexif()
            assert not {"exif", "xmp", "icc_profile"} & set(again.info)


def test_transparency_is_kept() -> None:
    clear = Image.new("RGBA", (300, 300), (200, 30, 30, 0))
    clear.paste((200, 30, 30, 255), (100, 100, 200, 200))
    large, _small = read_picture(io.BytesIO(written(clear, "PNG")))
    with Image.open(io.BytesIO(large.content)) as again:
        alpha = again.convert("RGBA").getchannel("A")
    assert alpha.getpixel((10, 10)) == 0
    assert alpha.getpixel((150, 150)) == 255


def test_what_hangs_on_a_picture_is_left_behind() -> None:
    """A file that is a picture and something else keeps the picture only."""
    both = written(a_photo(), "JPEG") + b"<?php evil(); ?><script>alert(1)</script>" + zipped()
    large, small = read_picture(io.BytesIO(both))
    for one in (large, small):
        assert b"script" not in one.content
        assert not zipfile.is_zipfile(io.BytesIO(one.content))


def test_a_palette_and_a_moving_picture_are_read() -> None:
    frames = [a_photo(), a_photo().rotate(90)]
    out = io.BytesIO()
    frames[0].convert("P").save(out, "GIF", save_all=True, append_images=frames[1:])
    large, _small = read_picture(io.BytesIO(out.getvalue()))
    with Image.open(io.BytesIO(large.content)) as again:
        assert getattr(again, "n_frames", 1) == 1


def test_a_pdf_is_kept_as_it_is() -> None:
    assert read_document(io.BytesIO(PDF)) == PDF


@pytest.mark.parametrize(
    "content", [b"", zipped(), SVG, b"<html>" + PDF, PDF[:-8], b"%PDF-1.7\n%%EOF" + b"\n" * 5000, b"MZ" + PDF]
)
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(WrongFile):
        read_document(io.BytesIO(content))
