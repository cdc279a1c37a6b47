"""Who is told that a voice was granted or taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from abonde.people.models import Person
from abonde.register.models import Register

on_change: Final[list[Callable[[Person, Register], None]]] = []
"""What is told, in the same transaction, that a person's voice in a register was granted or revoked."""


def announce(person: Person, register: Register) -> None:
    """Tell whoever listens that the person's voice in the register was granted or revoked."""
    for tell in on_change:
        tell(person, register)
