"""The territory of a round: any communes and intercommunalités together, as one set of communes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from abonde.matching.refusal import Refusal, Refusals
from abonde.territories.places import YEAR, Commune, Intercommunality, france
from abonde.territories.searching import search

PARTS_NAMED: Final = 3
LETTERS_OF_A_CODE: Final = 60
"""A code that is none comes back in a sentence; it is cut to this."""


@dataclass(frozen=True, slots=True)
class Territory:
    """A set of communes, and what they were named as."""

    parts: tuple[Commune | Intercommunality, ...]
    """As they were asked for, without repetition; a commune of an intercommunalité that is there too is left out."""
    communes: frozenset[str]
    """INSEE codes."""
    population: int

    @property
    def name(self) -> str:
        """Such as "Toulouse Métropole (37 communes)", "Muret, Auch" or "Muret, Auch, Albi… (5 communes)"."""
        named = ", ".join(part.name for part in self.parts[:PARTS_NAMED])
        if len(self.parts) > PARTS_NAMED:
            named += "…"
        elif len(self.communes) == len(self.parts):
            return named
        return f"{named} ({len(self.communes)} communes)"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the parts: `territory(codes)` makes the same territory again."""
        return tuple(part.code for part in self.parts)

    def contains(self, commune_code: str) -> bool:
        """Whether the commune of this INSEE code lies in the territory."""
        return commune_code in self.communes


def commune(code: str) -> Commune:
    """The commune under an INSEE code. Raises Refusal, with the nearest, for a code of none today."""
    try:
        return france().commune(code)
    except KeyError:
        raise _no_commune(code) from None


def intercommunality(code: str) -> Intercommunality:
    """The intercommunalité under a SIREN. Raises Refusal, with the nearest, for a number of none."""
    found = france().intercommunalities.get(code)
    if found is None:
        raise _no_intercommunality(code)
    return found


def territory(codes: Iterable[str]) -> Territory:
    """The territory that INSEE codes and SIREN numbers, mixed, make together. Raises Refusals, one for each unknown."""
    known: dict[str, Commune | Intercommunality] = {}
    refusals: list[Refusal] = []
    for code in dict.fromkeys(code.strip().upper() for code in codes):
        try:
            known[code] = intercommunality(code) if _is_siren(code) else commune(code)
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise Refusals(refusals)
    if not known:
        raise Refusal("The territory is empty; choose at least one commune or intercommunalité.")
    parts = tuple(
        part for part in known.values() if not isinstance(part, Commune) or part.intercommunality not in known
    )
    communes = frozenset(
        code for part in parts for code in ([part.code] if isinstance(part, Commune) else part.communes)
    )
    return Territory(parts, communes, population=sum(part.population for part in parts))


def _is_siren(code: str) -> bool:
    return len(code) > len("31555") and code.isdigit()


def _no_commune(code: str) -> Refusal:
    for row in france().rows.values():
        if code and code in row[6].split():
            return Refusal(
                "{code} is an arrondissement or a former commune of {name}; write {near}.",
                code=code,
                name=row[1],
                near=row[0],
            )
    near = [found.code for found in search(code) if isinstance(found, Commune)] or difflib.get_close_matches(
        code[:LETTERS_OF_A_CODE], [known for known in france().rows if known[:2] == code[:2]], n=1
    )
    if not near:
        return Refusal(
            "No commune has the code {code} in {year}; look the commune up by its name.",
            code=code[:LETTERS_OF_A_CODE],
            year=YEAR,
        )
    return Refusal(
        "No commune has the code {code} in {year}; did you mean {near}, {name}?",
        code=code[:LETTERS_OF_A_CODE],
        year=YEAR,
        near=near[0],
        name=france().commune(near[0]).name,
    )


def _no_intercommunality(code: str) -> Refusal:
    known = france().intercommunalities
    near = [found.code for found in search(code) if isinstance(found, Intercommunality)]
    near = near or difflib.get_close_matches(code[:LETTERS_OF_A_CODE], known, n=1)
    if not near:
        return Refusal(
            "No intercommunalité has the number {code} in {year}; look it up by its name.",
            code=code[:LETTERS_OF_A_CODE],
            year=YEAR,
        )
    return Refusal(
        "No intercommunalité has the number {code} in {year}; did you mean {near}, {name}?",
        code=code[:LETTERS_OF_A_CODE],
        year=YEAR,
        near=near[0],
        name=known[near[0]].name,
    )
