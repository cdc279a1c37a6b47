"""Pictures for projects that have none: a landscape of hills under a challenge's light, drawn from the project's key."""

from __future__ import annotations

import io
import math
from hashlib import sha256
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

WIDTH: Final = 1200
HEIGHT: Final = 800
HILLS: Final = 5
SUPERSAMPLING: Final = 2
"""Drawn larger and reduced, so that edges are smooth."""

WHITE: Final[Colour] = (255, 255, 255)

PALETTES: Final[dict[str, tuple[Colour, Colour, Colour]]] = {
    "mobilites": ((253, 226, 196), (236, 138, 94), (52, 73, 94)),
    "alimentation": ((255, 240, 205), (240, 178, 74), (74, 96, 52)),
    "ressources": ((238, 232, 222), (196, 137, 100), (84, 62, 54)),
    "vivant": ((225, 240, 228), (122, 178, 140), (30, 74, 66)),
    "culture": ((246, 224, 232), (214, 118, 142), (72, 44, 84)),
    "solidarites": ((228, 236, 246), (130, 160, 205), (44, 62, 104)),
    "energie": ((255, 244, 214), (244, 196, 82), (128, 62, 40)),
}
"""Sky, light and near hill of each challenge; a challenge without a palette takes the first."""


def picture(key: str, challenge: str) -> bytes:
    """A JPEG of WIDTH × HEIGHT pixels; the same for the same key and challenge, on any machine."""
    dice = Random(sha256(key.encode()).digest())  # noqa: S311  (a drawing, not a secret)
    sky, light, near = PALETTES.get(challenge, PALETTES["mobilites"])
    width, height = WIDTH * SUPERSAMPLING, HEIGHT * SUPERSAMPLING
    image = _sky(width, height, sky, light)
    _sun(image, dice, sky, light)
    draw = ImageDraw.Draw(image)
    for depth in range(1, HILLS + 1):
        colour = _between(light, near, depth / HILLS)
        top = height * (0.38 + 0.11 * depth)
        draw.polygon(_hill(dice, width, height, top), fill=colour)
        if depth < HILLS:
            _trees(draw, dice, top, _between(colour, near, 0.35), depth)
    _houses(draw, dice, image.size, near)
    out = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "JPEG", quality=86, optimize=True)
    return out.getvalue()


def _between(start: Colour, end: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _sky(width: int, height: int, above: Colour, below: Colour) -> Image.Image:
    column = Image.new("RGB", (1, height))
    for row in range(height):
        column.putpixel((0, row), _between(above, below, 0.75 * row / height))
    return column.resize((width, height))


def _sun(image: Image.Image, dice: Random, sky: Colour, light: Colour) -> None:
    width, height = image.size
    x, y, radius = width * dice.uniform(0.2, 0.8), height * dice.uniform(0.18, 0.36), height * 0.09
    glow = Image.new("L", image.size)
    ImageDraw.Draw(glow).ellipse((x - 2 * radius, y - 2 * radius, x + 2 * radius, y + 2 * radius), fill=90)
    image.paste(_between(sky, WHITE, 0.6), mask=glow.filter(ImageFilter.GaussianBlur(radius)))
    ImageDraw.Draw(image).ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=_between(light, WHITE, 0.72)
    )


def _hill(dice: Random, width: int, height: int, top: float) -> list[tuple[float, float]]:
    waves = [(dice.uniform(0.6, 2.4), dice.uniform(0, math.tau), dice.uniform(0.02, 0.05)) for _ in range(3)]
    ridge = [
        (
            x,
            top
            + height
            * sum(high * math.sin(often * math.tau * x / width + start) for often, start, high in waves),
        )
        for x in range(0, width + 24, 24)
    ]
    return [(0.0, float(height)), *ridge, (float(width), float(height))]


def _trees(draw: ImageDraw.ImageDraw, dice: Random, top: float, colour: Colour, depth: int) -> None:
    for _ in range(dice.randint(4, 9)):
        x, base = dice.uniform(0, WIDTH * SUPERSAMPLING), top + dice.uniform(60, 170)
        tall = depth * dice.uniform(16, 30)
        draw.ellipse((x - tall * 0.38, base - tall * 1.5, x + tall * 0.38, base), fill=colour)
        draw.rectangle((x - tall * 0.04, base - tall * 0.4, x + tall * 0.04, base + tall * 0.3), fill=colour)


def _houses(draw: ImageDraw.ImageDraw, dice: Random, size: tuple[int, int], roof: Colour) -> None:
    (width, height), wall = size, _between(roof, WHITE, 0.86)
    left = width * dice.uniform(0.12, 0.5)
    for _ in range(dice.randint(3, 6)):
        wide, tall = dice.uniform(90, 170), dice.uniform(70, 150)
        base = height * 0.9 + dice.uniform(-20, 20)
        draw.rectangle((left, base - tall, left + wide, base), fill=wall)
        draw.polygon(
            [
                (left - 10, base - tall),
                (left + wide / 2, base - tall - wide * 0.42),
                (left + wide + 10, base - tall),
            ],
            fill=_between(roof, wall, 0.25),
        )
        for column in (0.22, 0.6):
            x = left + wide * column
            draw.rectangle(
                (x, base - tall * 0.68, x + wide * 0.16, base - tall * 0.4), fill=_between(roof, wall, 0.5)
            )
        left += wide * dice.uniform(0.9, 1.3)
