"""A map of projects without tiles: their points where they lie to one another, and the names of their communes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from statistics import fmean
from typing import Final

from django.conf import settings

from abonde.web.projects.places import name_of
from abonde.web.rounds.browsing import Entry

WIDTH: Final = 1000
MARGIN: Final = 70
LOWEST: Final = 420
HIGHEST: Final = 760
"""Of the drawing, in its own units."""
LETTER: Final = 12.5
LINE: Final = 30
"""What a letter and a line of a commune's name take, in the same."""
DOT: Final = 16.0
"""The half of a point, in the same."""
SMALLEST: Final = 0.02
"""Degrees that a map shows at least: one project alone is no reason to show a doorstep."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something on the map: what it is called, where it leads, and where it stands in the drawing."""

    name: str
    slug: str
    x: str
    y: str
    latitude: float = 0
    longitude: float = 0


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing: its height, the projects, the names of communes, and how many projects have no point."""

    height: str
    spots: list[Spot]
    names: list[Spot]
    without: int


def map_of(entries: Sequence[Entry]) -> Map | None:
    """The map of these projects; none where nobody has given a point."""
    placed = [(one, one.point) for one in entries if one.point]
    if not placed:
        return None
    middle = radians(fmean(point[0] for _one, point in placed))
    across = [point[1] * cos(middle) for _one, point in placed]
    down = [-point[0] for _one, point in placed]
    wide = max(max(across) - min(across), SMALLEST)
    tall = max(max(down) - min(down), SMALLEST)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / tall)
    height = max(LOWEST, tall * scale + 2 * MARGIN)
    left, top = (max(across) + min(across)) / 2, (max(down) + min(down)) / 2

    spots: list[Spot] = []
    by_place: dict[str, list[tuple[float, float]]] = {}
    for (one, point), x, y in zip(placed, across, down, strict=True):
        at = WIDTH / 2 + (x - left) * scale, height / 2 + (y - top) * scale
        spots.append(Spot(one.name, one.slug, f"{at[0]:.0f}", f"{at[1]:.0f}", *point))
        by_place.setdefault(one.place, []).append(at)
    return Map(f"{height:.0f}", spots, _names(by_place), len(entries) - len(placed))


def _names(by_place: Mapping[str, Sequence[tuple[float, float]]]) -> list[Spot]:
    """The names of communes below their points, or above; one that would cover a point or another name is left out."""
    names: list[Spot] = []
    taken = [(x, y + DOT / 2, DOT) for points in by_place.values() for x, y in points]
    for place, points in sorted(by_place.items(), key=lambda one: -len(one[1])):
        name = name_of(place) if place else ""
        half = LETTER * len(name) / 2
        x = min(max(fmean(x for x, _ in points), half), WIDTH - half)
        below, above = max(y for _, y in points) + 44, min(y for _, y in points) - 26
        for y in (below, above):
            if name and all(abs(x - far) > half + wide or abs(y - low) > LINE for far, low, wide in taken):
                taken.append((x, y, half))
                names.append(Spot(name, "", f"{x:.0f}", f"{y:.0f}"))
                break
    return names


def street_map() -> dict[str, str] | None:
    """Where images of streets come from, whom they thank, and whose server it is; nothing where the operator chose none."""
    if not settings.MAP_TILES:
        return None
    return {
        "address": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "server": settings.MAP_TILES_ORIGIN.removeprefix("https://").removeprefix("*."),
    }
