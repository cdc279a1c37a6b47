"""What is kept about people in the closing of a round."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from abonde.people.models import Person
from abonde.people.personal_data import Kept
from abonde.settlement.models import Objection


def personal_data(person: Person) -> list[dict[str, object]]:
    """The person's objections with their answers, for the export of their data."""
    raised = Objection.objects.filter(person=person).select_related("computation__round", "project")
    return [
        {
            "round": one.computation.round.name,
            "project": one.project.name if one.project else None,
            "text": one.text,
            "raised_at": one.raised_at,
            "state": one.state,
            "answer": one.answer,
        }
        for one in raised.order_by("raised_at", "pk")
    ]


KEPT: Final = Kept(
    key="objections",
    what=_("Your objections to results, and the answers"),
    why=_("because a result is final only once every objection is answered"),
    until=_("as long as the accounts of the round; after your account is deleted they lead to nobody"),
    data=personal_data,
)
