"""Communes of a round's territory, and their names."""

from __future__ import annotations

from abonde.matching.refusal import Refusal
from abonde.rounds.models import Round
from abonde.territories import Commune, commune, territory


def communes(round: Round) -> list[Commune]:  # noqa: A002
    """The communes where a project of the round may be, by name; none where the round has no territory yet."""
    if not round.territory:
        return []
    return sorted(map(commune, territory(round.territory).communes), key=lambda one: (one.name, one.code))


def name_of(code: str) -> str:
    """The commune's name; the code itself for one that the official list no longer has."""
    try:
        return commune(code).name
    except Refusal:
        return code
