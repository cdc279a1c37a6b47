"""Communes, départements and intercommunalités as the package's file tells them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias, TypedDict

YEAR: Final = 2026
"""The data are the communes and intercommunalités as of 1 January of this year."""

FILE: Final = files("abonde.territories") / f"france-{YEAR}.json.gz"

KINDS: Final = {
    "CC": "Communauté de communes",
    "CA": "Communauté d’agglomération",
    "CU": "Communauté urbaine",
    "METRO": "Métropole",
    "MET69": "Métropole",
}
"""What the official abbreviations of intercommunalités stand for. A métropole carries the word in its own name."""


@dataclass(frozen=True, slots=True)
class Departement:
    """A département, or a collectivity overseas that stands in its place."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune under its INSEE code, such as 31555 for Toulouse."""

    code: str
    name: str
    departement: Departement
    postal_codes: tuple[str, ...]
    population: int
    """Residents (population municipale); 0 where nobody lives or is counted."""
    intercommunality: str | None
    """SIREN of the intercommunalité; a few islands and the collectivities overseas have none."""


@dataclass(frozen=True, slots=True)
class Intercommunality:
    """An établissement public de coopération intercommunale with its own taxes, under its SIREN."""

    code: str
    name: str
    """The name as people say it: "Communauté de communes de la Plaine Dijonnaise", "Toulouse Métropole"."""
    kind: str
    """One of KINDS."""
    communes: tuple[str, ...]
    """INSEE codes, in order."""
    population: int


CommuneRow: TypeAlias = "tuple[str, str, str, str, int, str, str]"
"""Code, name, département, postal codes, population, intercommunalité, former codes; lists are parted by spaces."""


class Written(TypedDict):
    """What the file holds."""

    source: str
    departements: dict[str, str]
    intercommunalities: list[tuple[str, str, str]]
    communes: list[CommuneRow]


@dataclass(frozen=True, slots=True)
class France:
    """All of it, by code. Communes stay rows until they are asked for: few of the 35 000 are."""

    departements: Mapping[str, Departement]
    intercommunalities: Mapping[str, Intercommunality]
    rows: Mapping[str, CommuneRow]

    def commune(self, code: str) -> Commune:
        """The commune of this code. Raises KeyError for another."""
        _code, name, departement, postal_codes, population, intercommunality, _former = self.rows[code]
        return Commune(
            code=code,
            name=name,
            departement=self.departements[departement],
            postal_codes=tuple(postal_codes.split()),
            population=population,
            intercommunality=intercommunality or None,
        )


@cache
def france() -> France:
    """The file, read once, when it is first needed."""
    written: Written = json.loads(gzip.decompress(FILE.read_bytes()))
    members: dict[str, list[CommuneRow]] = {code: [] for code, _kind, _name in written["intercommunalities"]}
    for row in written["communes"]:
        if row[5]:
            members[row[5]].append(row)
    return France(
        departements={code: Departement(code, name) for code, name in written["departements"].items()},
        intercommunalities={
            code: Intercommunality(
                code=code,
                name=_said(kind, name),
                kind=kind,
                communes=tuple(row[0] for row in members[code]),
                population=sum(row[4] for row in members[code]),
            )
            for code, kind, name in written["intercommunalities"]
        },
        rows={row[0]: row for row in written["communes"]},
    )


def _said(kind: str, name: str) -> str:
    """The official lists write "CC de la Plaine Dijonnaise"; on a page the abbreviation would be a riddle."""
    abbreviation = f"{kind} "
    return KINDS[kind] + name[len(kind) :] if name.startswith(abbreviation) else name
