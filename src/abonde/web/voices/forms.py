"""What people and officials type about a voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.register.codes import GROUP, LENGTH
from abonde.register.faults import Fault, Unreadable
from abonde.register.identity import LONGEST, Pivot, read_pivot
from abonde.web.wording import sentences

LONGEST_CODE: Final = 60
NEVER_KEPT: Final = {"autocomplete": "off", "autocapitalize": "words", "spellcheck": "false"}
"""What is typed about others must not stay in the browser of a counter either."""


PLACES: Final[Mapping[Fault, str]] = {
    Fault.NO_BIRTH_NAME: "birth_name",
    Fault.NO_GIVEN_NAME: "given_names",
    Fault.NO_BIRTHDATE: "birthdate",
    Fault.UNREADABLE_DATE: "birthdate",
    Fault.IMPOSSIBLE_DATE: "birthdate",
    Fault.SHORT_YEAR: "birthdate",
    Fault.UNREADABLE_PLACE: "birthplace",
}
"""The field at which a fault of what was typed is told; others stand above the form."""


class CodeForm(forms.Form):
    """The code of a letter."""

    code = forms.CharField(
        label=_("Code of your letter"),
        max_length=LONGEST_CODE,
        help_text=_("%(length)d characters, as they are printed. Capitals and spaces do not matter.")
        % {"length": LENGTH},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "size": LENGTH + LENGTH // GROUP + 2,
            }
        ),
        error_messages={"required": _("Type the code of your letter.")},
    )


class PivotForm(forms.Form):
    """Somebody, as their identity card writes them."""

    birth_name = forms.CharField(
        label=_("Birth name"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={**NEVER_KEPT, "autofocus": True}),
        error_messages={"required": _("Type the birth name.")},
    )
    given_names = forms.CharField(
        label=_("Given names"),
        max_length=LONGEST,
        help_text=_("The first one is enough."),
        widget=forms.TextInput(attrs=NEVER_KEPT),
        error_messages={"required": _("Type the given name.")},
    )
    birthdate = forms.CharField(
        label=_("Birth date"),
        max_length=40,
        help_text=_("Such as 12/03/1990 or 12031990."),
        widget=forms.TextInput(attrs={**NEVER_KEPT, "inputmode": "numeric"}),
        error_messages={"required": _("Type the birth date.")},
    )
    birthplace = forms.CharField(
        label=_("Code of the commune of birth"),
        max_length=10,
        required=False,
        help_text=_("Only to tell homonyms apart: five characters, such as 26113."),
        widget=forms.TextInput(attrs=NEVER_KEPT),
    )

    pivot: Pivot | None = None

    def clean(self) -> dict[str, str]:
        """Read the four parts together."""
        given: dict[str, str] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.pivot = read_pivot(
                    *(given[name] for name in ("birth_name", "given_names", "birthdate", "birthplace"))
                )
            except Unreadable as refusal:
                for sentence in sentences(refusal):
                    self.add_error(PLACES.get(refusal.fault), sentence)
        return given


class NumberForm(forms.Form):
    """The six digits of the person's screen."""

    number = forms.CharField(
        label=_("Number on the person’s screen"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "size": 8, "autofocus": True}
        ),
        error_messages={"required": _("Type the six digits that the person’s screen shows.")},
    )


class MoveForm(NumberForm):
    """The account to which a voice goes, and why."""

    reason = forms.CharField(
        label=_("Why the voice moves"),
        max_length=300,
        help_text=_("Such as “lost access to the mailbox”. Whoever holds the former account reads it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why the voice moves.")},
    )

    def __init__(self, data: Any = None, *, auto_id: str = "move-%s") -> None:  # noqa: ANN401  (what Django takes)
        super().__init__(data, auto_id=auto_id)
        self.fields["number"].widget.attrs.pop("autofocus", None)  # it is asked for seldom


class AddForm(forms.Form):
    """Why somebody who is not in the register is added."""

    proof = forms.CharField(
        label=_("Which paper was shown"),
        max_length=100,
        help_text=_("Its kind only, such as “electricity bill”: no name, no number."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say which paper was shown.")},
    )
    reason = forms.CharField(
        label=_("Why the person is not in the register"),
        max_length=300,
        help_text=_("Such as “moved here in June”. Do not name anybody."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why the person is not in the register.")},
    )
