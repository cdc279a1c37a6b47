"""Who somebody is, in a form that every source of identities shares, and the keyed hashes made of it.

docs/design/register.md says the rules and shows worked examples, which a test reads. Everything here is pure.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from string import ascii_lowercase
from typing import Final

from abonde.register.birthdates import MONTHS_IN_A_YEAR, read_birthdate
from abonde.register.faults import Fault, Unreadable

LONGEST: Final = 200
"""Characters of a name as it is written."""
LONGEST_VARIED: Final = 30
"""Letters of a name beyond which slips of a letter are not tried: each costs a hash."""

LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)
"""Letters that Unicode does not take apart."""
PARTICLE: Final = (
    r"(?:d[eu]s?|d[’']|de\s+l[ae]s?|de\s+l[’']|da|dos|della?|v[ao]n|van\s+de[nr]?|von\s+der|l[ae]s?|l[’'])"
)
PARTICLE_BEHIND: Final = re.compile(
    rf"(?P<name>.+?)(?:\s*\(\s*(?P<within>{PARTICLE})\s*\)|\s*,\s*(?P<after>{PARTICLE})|\s+(?P<bare>d[eu]s?|d[’']|de\s+l[ae]s?|de\s+l[’']))",
    re.IGNORECASE,
)
BRACKETS: Final = re.compile(r"\([^)]*\)")
HYPHEN: Final = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
PLACE: Final = re.compile(r"\d[\dAB]\d{3}")


@dataclass(frozen=True, slots=True)
class Pivot:
    """Somebody, as civil status knows them. Never stored and never logged.

    `birthdate` is YYYY-MM-DD with 00 for what is unknown; `birthplace` the INSEE code of a commune, 99… abroad, or ""
    where it is unknown. `read_pivot` makes one of what people write.
    """

    birth_name: str = field(repr=False)
    given_names: str = field(repr=False)
    birthdate: str = field(repr=False)
    birthplace: str = field(default="", repr=False)

    @property
    def first_name(self) -> str:
        """The first given name, in its plain form."""
        return plain_name(given_names(self.given_names)[0])


def read_pivot(birth_name: str, given: str, birthdate: str, birthplace: str = "") -> Pivot:
    """What somebody wrote or a source sent, looked through. Raises Unreadable."""
    if len(birth_name) > LONGEST or len(given) > LONGEST:
        raise Unreadable(Fault.TOO_LONG)
    if not plain_name(birth_name):
        raise Unreadable(Fault.NO_BIRTH_NAME)
    if not plain_name(given_names(given)[0]):
        raise Unreadable(Fault.NO_GIVEN_NAME)
    return Pivot(birth_name, given, read_birthdate(birthdate), read_birthplace(birthplace))


def read_birthplace(text: str) -> str:
    """The code of a commune, or "" where there is none; spreadsheets drop the 0 of 01004. Raises Unreadable."""
    code = text.strip().upper().removesuffix(".0")
    if code.isdecimal() and code.isascii():
        code = code.zfill(5)
    if code and not PLACE.fullmatch(code):
        raise Unreadable(Fault.UNREADABLE_PLACE)
    return code


def plain_name(written: str) -> str:
    """The letters of a name, and nothing else: no case, accent, hyphen, apostrophe or space; particles in front.

    Letters of other scripts stay as they are, without their accents.
    """
    if written.isascii() and written.isalpha():
        return written.lower()
    name = written.strip()
    if behind := PARTICLE_BEHIND.fullmatch(name):
        name = (behind["within"] or behind["after"] or behind["bare"]) + " " + behind["name"]
    folded = unicodedata.normalize("NFKD", BRACKETS.sub("", name)).casefold().translate(LETTERS)
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", folded)
        if letter.isalpha() or (unicodedata.category(letter)[0] == "M" and not unicodedata.combining(letter))
    )


def given_names(written: str) -> list[str]:
    """Each given name: parted by commas where there are any, else by spaces; a hyphen joins. At least one, maybe ""."""
    joined = HYPHEN.sub("-", written.replace(";", ",").strip())
    parts = joined.split(",") if "," in joined else joined.split()
    return [part.strip() for part in parts if part.strip()] or [""]


def entry_key(secret: bytes, pivot: Pivot) -> bytes:
    """HMAC-SHA-256 of birth name, first given name and birth date, under the register's key."""
    return _hash(secret, "person", *_letters(pivot))


def place_key(secret: bytes, pivot: Pivot) -> bytes:
    """What tells apart homonyms born the same day elsewhere; b"" where the birthplace is unknown.

    The whole identity goes in: of a hash of the place alone one could count how many were born where.
    """
    return _hash(secret, "place", *_letters(pivot), pivot.birthplace) if pivot.birthplace else b""


def both_keys(secret: bytes, pivot: Pivot) -> tuple[bytes, bytes]:
    """Entry key and place key, for those who read many: the letters of the names are made out once."""
    letters = _letters(pivot)
    place = _hash(secret, "place", *letters, pivot.birthplace) if pivot.birthplace else b""
    return _hash(secret, "person", *letters), place


def near(pivot: Pivot) -> Iterator[Pivot]:
    """Those whom a slip of the pen would make of somebody: the likeliest first, each once, not themselves.

    Names swapped; day and month swapped; another of the given names, or a composite one apart or together; the name
    without its particle; then one letter of the birth name or of the first given name too many, missing, wrong or
    in its neighbour's place. At most about 3,500, for names of at most 30 letters.
    """
    seen = {_letters(pivot)}
    for one in _nearby(pivot):
        letters = _letters(one)
        if all(letters) and letters not in seen:
            seen.add(letters)
            yield one


def _nearby(pivot: Pivot) -> Iterator[Pivot]:
    yield replace(pivot, birth_name=given_names(pivot.given_names)[0], given_names=pivot.birth_name)
    yield replace(pivot, birth_name=pivot.first_name, given_names=plain_name(pivot.birth_name))
    year, month, day = pivot.birthdate.split("-")
    if month != day and 0 < int(day) <= MONTHS_IN_A_YEAR:
        yield replace(pivot, birthdate=f"{year}-{day}-{month}")
    for given in _neighbours(given_names(pivot.given_names)):
        yield replace(pivot, given_names=given)
    if particle := re.match(rf"\s*{PARTICLE}(?:\s+|(?<=[’']))(?=.)", pivot.birth_name, re.IGNORECASE):
        yield replace(pivot, birth_name=pivot.birth_name[particle.end() :])
    for name in _slips(plain_name(pivot.birth_name)):
        yield replace(pivot, birth_name=name)
    for name in _slips(pivot.first_name):
        yield replace(pivot, given_names=name)


def _neighbours(given: list[str]) -> Iterator[str]:
    first, *others = given
    yield from others
    parts = first.split("-")
    if len(parts) > 1:
        yield from parts
    if others:
        yield f"{first}-{others[0]}"


def _slips(name: str) -> Iterator[str]:
    if len(name) > LONGEST_VARIED:
        return
    for place in range(len(name) + 1):
        before, after = name[:place], name[place:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in ascii_lowercase)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in ascii_lowercase)


def _letters(pivot: Pivot) -> tuple[str, str, str]:
    return plain_name(pivot.birth_name), pivot.first_name, pivot.birthdate


def _hash(secret: bytes, *parts: str) -> bytes:
    return hmac.digest(secret, "\0".join(parts).encode(), hashlib.sha256)
