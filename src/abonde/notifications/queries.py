"""Reads about letters."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from abonde.notifications.models import Letter
from abonde.people.models import Person
from abonde.people.personal_data import Kept


def personal_data(person: Person) -> list[dict[str, object]]:
    """The letters written to the person, for the export of their data; what they said is not kept once they are sent."""
    return [
        {"kind": letter.kind, "created_at": letter.created_at, "sent_at": letter.sent_at}
        for letter in Letter.objects.filter(person=person).order_by("created_at")
    ]


def forget(person: Person) -> None:
    """Empty the letters that will not reach the person any more."""
    Letter.objects.filter(person=person, sent_at=None).update(values={})


KEPT: Final = Kept(
    key="letters",
    what=_("Which e-mails were sent to you and when, not what they said"),
    why=_("so that none is sent twice"),
    until=_("for good, without your name once your account is deleted"),
    data=personal_data,
)
