"""What goes of registers when an account is deleted: the number for the counter. The claimed entry stays claimed."""

from __future__ import annotations

from abonde.people.models import Person
from abonde.register.models import CounterNumber


def forget(person: Person) -> None:
    """Take the number away by which an official finds the account."""
    CounterNumber.objects.filter(person=person).delete()
