"""What goes of payments when an account is deleted."""

from __future__ import annotations

from abonde.payments.models import Notice
from abonde.people.models import Person


def forget(person: Person) -> None:
    """Empty the notices about the person's payments: a payment service may name the payer there, the books never do."""
    Notice.objects.filter(payment__pledge__person=person).update(body="")
