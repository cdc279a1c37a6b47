"""What a visitor of the sandbox's pages chooses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.sandbox.models import Manner
from abonde.sandbox.states import Choice

MANNERS: Final = (
    (Manner.AT_ONCE, _("At once, once")),
    (Manner.LATE, _("Late, after the delay below")),
    (Manner.TWICE, _("Twice")),
    (Manner.OUT_OF_ORDER, _("In the wrong order: the previous news follows after the delay")),
    (Manner.NEVER, _("Never: the site has to ask by itself")),
)
DELAYS: Final = (("10", _("10 seconds")), ("60", _("1 minute")), ("600", _("10 minutes")))


class ChoiceForm(forms.Form):
    """One button, and how the merchant hears of it. Only choices that the page offers are taken."""

    choice = forms.ChoiceField(
        error_messages={
            "required": _("Choose one of the buttons."),
            "invalid_choice": _("Choose one of the buttons."),
        },
        widget=forms.HiddenInput,
    )
    manner = forms.ChoiceField(
        label=_("How the site hears of it"), choices=MANNERS, initial=Manner.AT_ONCE, widget=forms.RadioSelect
    )
    delay = forms.ChoiceField(
        label=_("Delay"),
        choices=DELAYS,
        initial="10",
        help_text=_("For a payment on its way, and for news that comes late."),
    )

    def __init__(self, data: object = None, *, offered: Iterable[Choice]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # what a request carries, or nothing
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (declared above)
        choice.choices = [(one.value, one.value) for one in offered]

    @property
    def chosen(self) -> tuple[Choice, Manner, timedelta]:
        """The choice, the manner of notifications and the delay, once the form is valid."""
        found = self.cleaned_data
        return Choice(found["choice"]), Manner(found["manner"]), timedelta(seconds=int(found["delay"]))
