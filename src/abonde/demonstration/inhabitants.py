"""A list of invented inhabitants, written as registers are: a CSV file with columns nobody needs, and rows that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from abonde.demonstration.crowd import FIRST_NAMES, LAST_NAMES

TITLES: Final = (
    "Nom de naissance;Nom d’usage;Prénoms;Date de naissance;Code commune de naissance;Adresse;Bureau de vote"
)
COMMUNES: Final = ("26113", "26108", "26220", "38185", "69123", "2A004", "01004", "99350", "")
"""Where people were born: nearby, elsewhere, abroad, or unknown."""
STREETS: Final = (
    "rue du Pont",
    "place de la Fontaine",
    "chemin des Vignes",
    "rue de l’École",
    "route du Col",
)
DISTRICTS: Final = 12
YOUNGEST: Final = date(2010, 1, 1)
OLDEST_DAYS: Final = 85 * 365
COMPOSITE: Final = 0.3
"""The part of people with a double birth name."""


def written_register(people: int, *, seed: int = 0, wrong_each: int = 400) -> Iterator[str]:
    """The lines of the file, titles first; one row in so many cannot be used. Everything follows from the seed."""
    dice = Random(seed)  # noqa: S311  (an invention, not a secret)
    yield TITLES
    for number in range(1, people + 1):
        name = dice.choice(LAST_NAMES)
        if dice.random() < COMPOSITE:
            name = f"{name}-{dice.choice(LAST_NAMES)}"
        given = f"{dice.choice(FIRST_NAMES)}, {dice.choice(FIRST_NAMES)}"
        born = YOUNGEST - timedelta(days=dice.randrange(OLDEST_DAYS))
        written = f"{born:%d/%m/%Y}" if number % wrong_each else "31/02/1970"
        address = f"{dice.randrange(1, 90)} {dice.choice(STREETS)}"
        yield f"{name.upper()};;{given};{written};{dice.choice(COMMUNES)};{address};{dice.randrange(DISTRICTS) + 1}"
