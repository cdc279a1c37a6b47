"""People as shapes: a crowd that stands around, and the threads between each two of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import cos, pi, sin, sqrt
from typing import Final

RING: Final = 24
"""Up to so many people stand in a ring, and each pair has its thread; more of them stand as a crowd."""

GOLDEN: Final = pi * (3 - sqrt(5))
SPIRALS: Final = (5, 8, 13)
"""In a crowd laid out by the golden angle, the neighbours of a person are so many places further."""

WIDTH: Final = 62
HEIGHT: Final = 26
"""Half the ground on which a crowd stands, in units of the drawing."""

LARGEST: Final = 19
"""The width of a person where there is room; nobody is drawn larger for giving more."""

HEART: Final = 0.45
"""How high above the ground a thread is held, in widths of a person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Where somebody stands: the middle of their feet, and how wide they are."""

    x: float
    y: float
    width: float

    @property
    def outline(self) -> str:
        """A head and shoulders, as the `d` of a path."""
        half = self.width / 2
        head = self.width * 0.27
        neck = self.y - self.width * 0.82
        return (
            f"M{self.x - half:.1f} {self.y:.1f}v{-half * 0.6:.1f}a{half:.1f} {half:.1f} 0 0 1 {self.width:.1f} 0v{half * 0.6:.1f}z"
            f"M{self.x - head:.1f} {neck - head:.1f}a{head:.1f} {head:.1f} 0 1 1 {2 * head:.1f} 0a{head:.1f} {head:.1f} 0 1 1 {-2 * head:.1f} 0z"
        )


def crowd(number: int, *, x: float, y: float) -> list[Person]:
    """So many people around a place, those at the back first, so that the nearer ones hide them."""
    width = _width(number)
    if number == 1:
        return [Person(x, y + HEIGHT / 2, width)]
    return sorted(
        (Person(x + dx * WIDTH, y + dy * HEIGHT, width) for dx, dy in _places(number)),
        key=lambda person: (person.y, person.x),
    )


def threads(number: int, *, x: float, y: float) -> str:
    """What holds people together, as the `d` of a path: a thread for each pair, or in a crowd for neighbours."""
    lift = _width(number) * HEART
    held = [(x + dx * WIDTH, y + dy * HEIGHT - lift) for dx, dy in _places(number)]
    if number <= RING:
        pairs = list(combinations(held, 2))
    else:
        pairs = [(one, held[place + step]) for step in SPIRALS for place, one in enumerate(held[:-step])]
    return "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for (a, b), (c, d) in pairs)


def _places(number: int) -> list[tuple[float, float]]:
    """Places within a circle of radius 1."""
    if number <= RING:
        turns = [2 * pi * (place + 0.5) / number for place in range(number)]
        return [(sin(turn), -cos(turn)) for turn in turns]
    return [
        (
            sqrt((place + 0.5) / number) * cos(place * GOLDEN),
            sqrt((place + 0.5) / number) * sin(place * GOLDEN),
        )
        for place in range(number)
    ]


def _width(number: int) -> float:
    if number <= RING:
        return min(LARGEST, 2 * pi * 0.75 * (WIDTH + HEIGHT) / 2 / number)
    return min(LARGEST, 0.85 * sqrt(pi * WIDTH * HEIGHT / number))
