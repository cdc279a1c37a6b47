"""The visitor's own number of people and amount."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from abonde.matching import Cents
from abonde.web.drawing.weighing import LARGE_GIFT, USUAL_GIFT, USUAL_PEOPLE
from abonde.web.widgets import EurosField

MOST_PEOPLE: Final = 100
IDS: Final = "idea_%s"
WRONG: Final = "idea-wrong"
"""Where the page says what could not be drawn."""


class IdeaForm(forms.Form):
    """How many people, and how much each of them gives; both have an answer where nothing was written."""

    use_required_attribute = False

    personnes = forms.IntegerField(
        label=_("People"),
        min_value=1,
        max_value=MOST_PEOPLE,
        required=False,
        error_messages={
            "invalid": _("Write a number of people, such as 10."),
            "min_value": _("It takes at least one person."),
            "max_value": _("The drawing has room for at most 100 people."),
        },
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "aria-describedby": WRONG}),
    )
    don = EurosField(label=_("Each gives"), smallest=Cents(100), largest=LARGE_GIFT, required=False)

    def __init__(self, asked: QueryDict) -> None:
        bound = any(name in asked for name in self.base_fields)
        super().__init__(
            asked if bound else None, initial={"personnes": USUAL_PEOPLE, "don": USUAL_GIFT}, auto_id=IDS
        )
        self.fields["don"].widget.attrs["aria-describedby"] = WRONG

    @property
    def people(self) -> int:
        """What was asked for, or the usual number."""
        return self._said("personnes") or USUAL_PEOPLE

    @property
    def gift(self) -> Cents:
        """What was asked for, or the usual gift (cents)."""
        return Cents(self._said("don") or USUAL_GIFT)

    def _said(self, name: str) -> int | None:
        if not self.is_bound or not self.is_valid():
            return None
        found: int | None = self.cleaned_data[name]
        return found
