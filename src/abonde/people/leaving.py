"""Who must be heard before an account is deleted. The rooms above this one add their voice when the platform starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from abonde.matching.refusal import Refusal
from abonde.people.models import Person

hindrances: Final[list[Callable[[Person], list[Refusal]]]] = []
"""Each says why the person cannot leave yet, as sentences that tell what to do first."""

farewells: Final[list[Callable[[Person], None]]] = []
"""What is done, in the same transaction, before the account is emptied."""


def hindrances_of(person: Person) -> list[Refusal]:
    """All that stands in the way of deleting the account."""
    return [refusal for ask in hindrances for refusal in ask(person)]
