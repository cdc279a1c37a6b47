"""What other rooms of the house ask of a round, and what they are told of it. Filled in when the platform starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from abonde.matching.refusal import Refusal
from abonde.rounds.models import Party, Round
from abonde.rounds.states import State

needed_to_open: Final[list[Callable[[Round], list[Refusal]]]] = []
"""What else a draft lacks before it can open; asked for the host's checklist, and again when it opens."""

before_leaving: Final[list[Callable[[Party], None]]] = []
"""Asked, in the same transaction, before a party leaves a round; raises a Refusal if it may not."""

on_move: Final[list[Callable[[Round, State], None]]] = []
"""Told, in the same transaction, that a round has left a state for the one in which it now is."""
