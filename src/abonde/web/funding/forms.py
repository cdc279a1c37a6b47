"""Forms of pots and agreements."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from abonde.funds.models import Pot
from abonde.matching.amounts import LARGEST_POT, Cents
from abonde.organisations.models import Kind, Organisation
from abonde.rounds.calendar import FIRST_YEAR, LAST_YEAR
from abonde.rounds.models import Challenge, Round
from abonde.web.projects.places import communes
from abonde.web.widgets import DayInput, EurosField

MOST_INSTALMENTS: Final = 12
MONTHS: Final = 12


class PotForm(forms.Form):
    """A further pot."""

    name = forms.CharField(label=_("Name of the pot"), max_length=150)
    challenge = forms.ModelChoiceField(
        label=_("Kept for a challenge"),
        queryset=Challenge.objects.none(),
        required=False,
        empty_label=_("For every challenge"),
    )
    place = forms.ChoiceField(label=_("Kept for a commune"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def _initial(pot: Pot | None) -> dict[str, object]:
        if pot is None:
            return {}
        return {name: getattr(pot, name) for name in ("name", "challenge", "place", "version")}

    def __init__(self, data: object, *, round: Round, pot: Pot | None = None) -> None:  # noqa: A002
        super().__init__(data, initial=self._initial(pot))  # type: ignore[arg-type]
        if pot is None:
            del self.fields["version"]
        self.fields["challenge"].queryset = round.challenges.all()  # type: ignore[attr-defined]
        everywhere = ("", _("For the whole territory"))
        self.fields["place"].choices = [everywhere, *((one.code, one.name) for one in communes(round))]  # type: ignore[attr-defined]


class AgreementForm(forms.Form):
    """What a funder brings."""

    funder = forms.ModelChoiceField(
        label=_("Funder"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose…"),
        error_messages={"required": _("Choose who brings the money.")},
    )
    pot = forms.ModelChoiceField(
        label=_("Pot"),
        queryset=Pot.objects.none(),
        empty_label=_("Choose…"),
        error_messages={"required": _("Choose the pot to which the money goes.")},
    )
    amount = EurosField(
        label=_("Amount"),
        smallest=Cents(1),
        largest=LARGEST_POT,
        error_messages={"required": _("Write an amount in euros, such as 12 or 12.50.")},
    )
    instalments = forms.IntegerField(
        label=_("Instalments"),
        help_text=_("Equal parts, one each month."),
        min_value=1,
        max_value=MOST_INSTALMENTS,
        initial=1,
    )
    first_due = forms.DateField(
        label=_("The first is due on"),
        widget=DayInput,
        error_messages={"required": _("Choose the day on which the first is due.")},
        validators=[
            MinValueValidator(date(FIRST_YEAR, 1, 1), _("Choose a day from 2000 to 2100.")),
            MaxValueValidator(date(LAST_YEAR, 12, 31), _("Choose a day from 2000 to 2100.")),
        ],
    )

    def __init__(self, data: object, *, round: Round, funder: Organisation | None) -> None:  # noqa: A002
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["pot"].queryset = Pot.objects.filter(fund__round=round).order_by("name")  # type: ignore[attr-defined]
        if funder is not None:
            del self.fields["funder"]
        else:
            self.fields["funder"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
                kind=Kind.FUNDER,
                parties__round=round,
                parties__left_at=None,
                parties__accepted_at__isnull=False,
            ).order_by("name")

    def parts(self) -> list[tuple[Cents, date]]:
        """The instalments: equal to the cent, what is left over goes with the first."""
        given = self.cleaned_data
        number, total = given["instalments"], given["amount"]
        each, rest = divmod(total, number)
        return [
            (Cents(each + rest if place == 0 else each), _months_later(given["first_due"], place))
            for place in range(number)
        ]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, MONTHS)
    last = monthrange(day.year + year, month + 1)[1]
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, last))
