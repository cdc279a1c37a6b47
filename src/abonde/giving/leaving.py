"""What goes of giving when an account is deleted: baskets. What was given stays, under a number that leads to nobody."""

from __future__ import annotations

from abonde.giving.models import Basket
from abonde.people.models import Person


def forget(person: Person) -> None:
    """Take the person's baskets away."""
    Basket.objects.filter(person=person).delete()
