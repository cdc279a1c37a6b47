"""What people write on the pages of giving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from abonde.giving.models import Contribution
from abonde.matching.amounts import Cents, euros_of_cents
from abonde.payments.states import State
from abonde.projects.models import Project
from abonde.rounds.models import Round
from abonde.web.giving.words import PAYMENTS
from abonde.web.widgets import EurosField
from abonde.web.wording import money

LONGEST_REASON: Final = 500
LARGEST_VERSION: Final = 2**31 - 1
MOST_DIGITS: Final = 12


class AmountForm(forms.Form):
    """How much to one project; an empty field is an amount that is lacking."""

    def __init__(
        self,
        found: Round,
        project: Project,
        data: Mapping[str, Any] | None = None,
        *,
        cents: int | None = None,
    ) -> None:
        super().__init__(
            data, auto_id=f"{project.slug}-%s", initial={"amount": "" if cents is None else as_written(cents)}
        )
        self.project = project
        self.fields["amount"] = EurosField(
            label=_("Your gift"),
            smallest=Cents(found.smallest_gift),
            largest=Cents(found.largest_gift),
            error_messages={"required": _("Write how much you would like to give, such as 12 or 12.50.")},
        )


def as_written(cents: int) -> str:
    """The amount as a person of this language would type it: 2550 → "25,50" in French; 1000 → "10"."""
    euros = euros_of_cents(cents).removesuffix(".00")
    return euros if get_language() == "en" else euros.replace(".", ",")


def written_amount(data: Mapping[str, Any]) -> dict[str, str]:
    """What a project's page sent: an amount in euros as somebody wrote it, or the cents of a proposed one."""
    proposed = str(data.get("suggested", ""))
    if proposed.isascii() and proposed.isdigit() and len(proposed) <= MOST_DIGITS:
        return {"amount": as_written(int(proposed))}
    return {"amount": str(data.get("amount", ""))}


class CheckOutForm(forms.Form):
    """The basket that the person saw, and in which version."""

    basket = forms.UUIDField()
    version = forms.IntegerField(min_value=0, max_value=LARGEST_VERSION)


class SearchForm(forms.Form):
    """Which payments of a round to list."""

    q = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text=_("The one on the giver’s slip, or the provider’s."),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *((state.value, PAYMENTS[state][0]) for state in State)],
    )


class RefundForm(forms.Form):
    """What goes back to the giver, and why."""

    lines = forms.TypedMultipleChoiceField(
        label=_("Gifts to send back"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one gift.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The giver reads this in the e-mail that we send."),
    )

    def __init__(
        self,
        gifts: Iterable[Contribution],
        data: Mapping[str, Any] | None = None,
        *,
        initial: dict[str, Any] | None = None,
    ) -> None:
        refundable = list(gifts)
        super().__init__(data, initial=initial or {"lines": [one.pk for one in refundable]})
        field = self.fields["lines"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101  (declared above)
        field.choices = [(one.pk, f"{one.project.name} – {money(one.amount)}") for one in refundable]


class RefundConfirmed(RefundForm):
    """The same, carried unseen by the page that asks once more."""

    confirmed = forms.BooleanField(widget=forms.HiddenInput, initial=True)

    def __init__(self, gifts: Iterable[Contribution], *, initial: dict[str, Any]) -> None:
        super().__init__(gifts, initial=initial)
        self.fields["lines"].widget = forms.MultipleHiddenInput()
        self.fields["reason"].widget = forms.HiddenInput()
