"""Rules as people write them (a TOML or JSON table), read with a sentence for everything that is off."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from abonde.matching.amounts import Cents, cents_of_euros
from abonde.matching.refusal import Refusal, Refusals
from abonde.matching.rules import ABSENT, PRESETS, ClusterForm, Counting, Mechanism, Rules, Sharing

_NUMBER: Final = re.compile(r"-?\d{1,30}(?:\.\d{1,30}|/\d{1,30})?")


def read_rules(written: Mapping[str, Any]) -> Rules:
    """Rules from their written form (a TOML or JSON table: euros, shares as `0.1`, `"10 %"` or `"1/10"`).

    Starts from the preset named by `preset` ("guarded" unless said otherwise). Raises Refusals that name every
    unknown key, with the nearest known one, every value that cannot be read, and every contradiction.
    """
    refusals: list[Refusal] = []
    preset = written.get("preset", "guarded")
    if preset not in list(PRESETS):
        refusals.append(_unknown("preset", str(preset), list(PRESETS)))
        preset = "guarded"
    base = PRESETS[preset]
    counting: dict[str, Any] = {part.name: getattr(base.counting, part.name) for part in fields(Counting)}
    others: dict[str, Any] = {
        part.name: getattr(base, part.name) for part in fields(Rules) if part.name != "counting"
    }
    for key, value in written.items():
        if key == "preset":
            continue
        try:
            if key in counting:
                counting[key] = _READERS[key](key, value)
            elif key in others:
                others[key] = _READERS[key](key, value)
            else:
                raise _unknown("key", key, ["preset", *counting, *others])
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise Refusals(refusals)
    return Rules(counting=Counting(**counting), **others)


def _unknown(what: str, word: str, known: list[str]) -> Refusal:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return Refusal(
            "{what} {word!r} is not known; did you mean {near!r}?", what=what, word=word, near=near[0]
        )
    return Refusal(
        "{what} {word!r} is not known; known are {known}.", what=what, word=word, known=", ".join(known)
    )


def _amount(key: str, value: object) -> Cents | None:
    return None if value == ABSENT else cents_of_euros(value, what=key)  # type: ignore[arg-type]


def _sure_amount(key: str, value: object) -> Cents:
    return cents_of_euros(value, what=key)  # type: ignore[arg-type]


def _amounts(key: str, value: object) -> tuple[Cents, ...] | None:
    if value == ABSENT:
        return None
    if not isinstance(value, list):
        raise Refusal('{key}: give a list of amounts in euros, such as [5, 10, 20, 50], or "none".', key=key)
    return tuple(cents_of_euros(step, what=key) for step in value)


def _fraction(key: str, value: object) -> Fraction | None:
    if value == ABSENT:
        return None
    text = str(value).replace(" ", "").replace("\u202f", "").replace("\u00a0", "").replace(",", ".")
    number = text.removesuffix("%")
    try:
        # No exponents: a number of a billion digits would be made in full.
        if not isinstance(value, str | int | Decimal) or not _NUMBER.fullmatch(number):
            raise ValueError(text)
        fraction = Fraction(number)
    except (ValueError, ZeroDivisionError):
        raise Refusal(
            '{key}: {value!r} is not a number; write 0.1, "10 %" or "1/10", or "none".',
            key=key,
            value=str(value),
        ) from None
    return fraction / (100 if text.endswith("%") else 1)


def _count(key: str, value: object) -> int | None:
    if value == ABSENT:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(
            '{key}: {value!r} is not a whole number of people; write 5, or "none".', key=key, value=str(value)
        )
    return value


def _yes_or_no(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Refusal("{key}: write true or false, not {value!r}.", key=key, value=str(value))
    return value


def _one_of(words: type[StrEnum]) -> Callable[[str, object], StrEnum]:
    def read(key: str, value: object) -> StrEnum:
        if value not in list(words):
            raise _unknown(key, str(value), [str(word) for word in words])
        return words(value)  # type: ignore[arg-type]

    return read


_READERS: Final[Mapping[str, Any]] = {
    "mechanism": _one_of(Mechanism),
    "count_from": _amount,
    "count_up_to": _amount,
    "steps": _amounts,
    "min_supporters": _count,
    "max_share": _fraction,
    "max_ratio": _fraction,
    "cap_at_need": _yes_or_no,
    "sharing": _one_of(Sharing),
    "redistribute": _yes_or_no,
    "pairwise_m": _sure_amount,
    "cluster_form": _one_of(ClusterForm),
}
