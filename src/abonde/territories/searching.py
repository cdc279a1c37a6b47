"""Find a commune or an intercommunalité by what a person types: its name, or a postal code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from abonde.territories.places import Commune, Intercommunality, france

LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
LETTERS_OF_A_SEARCH: Final = 100
"""What is typed beyond is not read: the longest name has 83 letters."""

_BETWEEN = re.compile(r"[\W_]+")
_SAINT = re.compile(r"\bst(e?)\b")
_KIND = re.compile(r"^(?:cc|ca|cu|communaute (?:de communes|d agglomeration|urbaine)) ")
_ARTICLE = re.compile(r"^(?:(?:du|des|de la|de l|de|d|la|le|les|l) )+")


class _Entry(NamedTuple):
    folded: str
    population: int
    code: str


def folded(text: str) -> str:
    """The text without what people leave out: "L’Haÿ-les-Roses" → "l hay les roses", "St-Étienne" → "saint etienne"."""
    if not text.isascii():
        letters = unicodedata.normalize("NFD", text.translate(LIGATURES))
        text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _SAINT.sub(r"saint\1", _BETWEEN.sub(" ", text).strip().lower())


def search(text: str, limit: int = 20) -> list[Commune | Intercommunality]:
    """What bears this name, or has this postal code: whole names, then names that begin so, then words within; large first.

    Accents, case, hyphens and apostrophes do not matter. Digits are a code: INSEE, postal or SIREN, or how it begins.
    """
    wanted = folded(text[:LETTERS_OF_A_SEARCH])
    if not wanted:
        return []
    found = _by_code(wanted.replace(" ", "")) if wanted[0].isdigit() else _by_name(wanted)
    best = sorted(found, key=lambda hit: (hit[0], -hit[1].population, hit[1].code))[:limit]
    return [
        france().intercommunalities.get(entry.code) or france().commune(entry.code) for _rank, entry in best
    ]


def _by_name(wanted: str) -> Iterator[tuple[int, _Entry]]:
    bare = _KIND.sub("", f"{wanted} ").strip()
    wanted = _ARTICLE.sub("", f"{bare} ").strip() or wanted
    within = f" {wanted}"
    for entry in _entries():
        if entry.folded.startswith(wanted):
            yield int(len(entry.folded) != len(wanted)), entry
        elif within in entry.folded:
            yield 2, entry


def _by_code(wanted: str) -> Iterator[tuple[int, _Entry]]:
    for (
        code,
        name,
        _departement,
        postal_codes,
        population,
        _intercommunality,
        _former,
    ) in france().rows.values():
        if wanted in (code, *postal_codes.split()):
            yield 0, _Entry(name, population, code)
        elif code.startswith(wanted.upper()) or f" {wanted}" in f" {postal_codes}":
            yield 1, _Entry(name, population, code)
    for code, known in france().intercommunalities.items():
        if code.startswith(wanted):
            yield 0, _Entry(known.name, known.population, code)


@cache
def _entries() -> list[_Entry]:
    """The folded name of everything, made once: an article in front, and the kind of an intercommunalité, are left out."""
    communes = [_Entry(_searched(row[1]), row[4], row[0]) for row in france().rows.values()]
    return communes + [
        _Entry(_searched(known.name), known.population, known.code)
        for known in france().intercommunalities.values()
    ]


def _searched(name: str) -> str:
    bare = _KIND.sub("", folded(name))
    return _ARTICLE.sub("", bare) or bare
