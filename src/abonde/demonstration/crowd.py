"""The invented citizens: who gives how much to what, and when. Everything follows from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from abonde.matching.amounts import Cents

AMOUNTS: Final = {500: 34, 1000: 30, 2000: 17, 5000: 8, 1500: 6, 700: 3, 10_000: 2}
"""Cents, and how usual they are."""

SEVERAL: Final = {1: 46, 2: 27, 3: 15, 4: 7, 5: 5}
"""How many projects a person supports, and how usual that is."""

WITH_VOICE: Final = 0.9
"""The part of givers who are certified inhabitants."""

FIRST_NAMES: Final = (
    *(
        "Amélie",
        "Bakary",
        "Chloé",
        "Driss",
        "Élodie",
        "Fatou",
        "Gaspard",
        "Hélène",
        "Inès",
        "Joachim",
        "Katell",
    ),
    *(
        "Lucien",
        "Maëlle",
        "Nadir",
        "Océane",
        "Paul",
        "Quitterie",
        "Rachid",
        "Solène",
        "Théo",
        "Ulysse",
        "Violette",
    ),
    *("Wassila", "Xavier", "Yaëlle", "Zoé"),
)
LAST_NAMES: Final = (
    *("Arnoux", "Bellac", "Cazal", "Delmas", "Espitalier", "Fabre", "Galtier", "Herbaut", "Izard", "Jourdan"),
    *(
        "Kerbrat",
        "Lacaze",
        "Maurel",
        "Navarro",
        "Orsini",
        "Peyrat",
        "Quéré",
        "Rouvière",
        "Sabatier",
        "Tissot",
    ),
    *("Uzan", "Vidal", "Weiss", "Yver", "Zamora"),
)


@dataclass(frozen=True, slots=True)
class Giver:
    """One citizen's only check-out: what to which project, and how far into the time of giving (0 to 1)."""

    number: int
    name: str
    has_voice: bool
    moment: float
    gifts: Mapping[str, Cents]


def crowd(people: int, draws: Mapping[str, int], *, seed: int) -> Iterator[Giver]:
    """So many givers among projects that draw people by their weights, in the order in which they give."""
    dice = Random(seed)  # noqa: S311  (an invention, not a secret)
    moments = sorted(_moment(dice) for _ in range(people))
    projects, weights = list(draws), list(draws.values())
    for number, moment in enumerate(moments):
        several = _one_of(dice, SEVERAL)
        chosen = {dice.choices(projects, weights)[0] for _ in range(several)}
        yield Giver(
            number=number,
            name=f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}",
            has_voice=dice.random() < WITH_VOICE,
            moment=moment,
            gifts={project: Cents(_one_of(dice, AMOUNTS)) for project in sorted(chosen)},
        )


def spread(opens_to_closes: timedelta, moment: float) -> timedelta:
    """How long after the opening a moment lies."""
    return opens_to_closes * moment


def _moment(dice: Random) -> float:
    """Many give in the first days, and again in the last."""
    return dice.betavariate(0.7, 0.9) * 0.999


def _one_of(dice: Random, usual: Mapping[int, int]) -> int:
    return dice.choices(list(usual), list(usual.values()))[0]
