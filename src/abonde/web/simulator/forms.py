"""The fund, the rules and the mechanisms of the simulator; an empty limit is no limit."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.matching import LARGEST_GIFT, PRESETS, Cents, Mechanism, Rules, Sharing, read_rules
from abonde.matching.amounts import euros_of_cents
from abonde.matching.rules import PUBLISHED_STEPS
from abonde.web.widgets import EurosField

USUAL: Final = (Mechanism.QUADRATIC, Mechanism.PAIRWISE, Mechanism.PROPORTIONAL)
USUAL_FUND: Final = Cents(100_000)
LARGEST_FUND: Final = Cents(10_000_000_000)
LARGEST_RATIO: Final = 1000
LARGEST_CROWD: Final = 10**6
NUMBER: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
NAMES: Final = {
    Mechanism.QUADRATIC: _("Quadratic: how many people give weighs far more than how much"),
    Mechanism.PAIRWISE: _("Pairwise: quadratic, less for people who always support the same"),
    Mechanism.CLUSTER: _("Cluster: support from different groups weighs more"),
    Mechanism.HEADS: _("Heads: each person counts once"),
    Mechanism.PROPORTIONAL: _("Proportional: each euro counts once"),
}
WRITTEN: Final = {
    "seuil": "count_from",
    "plafond": "count_up_to",
    "minimum": "min_supporters",
    "part": "max_share",
    "rapport": "max_ratio",
    "reserve": "sharing",
}
"""The parameters of the address, and what they are called in written rules."""

GUARDED: Final = {
    "seuil": "5",
    "plafond": "50",
    "paliers": "oui",
    "minimum": "5",
    "part": "10",
    "rapport": "2",
}
"""The limits of the preset `guarded`, as the address writes them."""


class RulesForm(forms.Form):
    """What the fund holds, and the main parameters of the rules."""

    use_required_attribute = False

    fonds = EurosField(label=_("The fund holds"), smallest=Cents(100), largest=LARGEST_FUND, required=False)
    seuil = EurosField(label=_("A sum counts from"), smallest=Cents(1), largest=LARGEST_GIFT, required=False)
    plafond = EurosField(label=_("and counts up to"), smallest=Cents(1), largest=LARGEST_GIFT, required=False)
    minimum = forms.IntegerField(
        label=_("People a project needs"),
        min_value=1,
        max_value=LARGEST_CROWD,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Write a number of people, such as 5.")
        ),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    part = forms.CharField(label=_("Largest share for one project, in %"), required=False, max_length=12)
    rapport = forms.CharField(label=_("Most euros added per euro"), required=False, max_length=12)
    paliers = forms.ChoiceField(
        label=_("Sums count"),
        choices=[("", _("to the cent")), ("oui", _("in steps: 5, 10, 20, 50, 100, 200"))],
        required=False,
    )
    reserve = forms.ChoiceField(
        label=_("The fund gives"),
        choices=[
            ("", _("all it holds, as far as the limits allow")),
            (Sharing.UP_TO_IDEAL, _("never more than the formula asks for")),
        ],
        required=False,
    )
    m = forms.MultipleChoiceField(
        label=_("Compare"), choices=list(NAMES.items()), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, asked: QueryDict) -> None:
        full = asked.copy()
        full.setdefault("fonds", euros_of_cents(USUAL_FUND).removesuffix(".00"))
        if not full.getlist("m"):
            full.setlist("m", [str(one) for one in USUAL])
        super().__init__(full, auto_id="sim_%s")

    @property
    def fund(self) -> Cents:
        """What the fund holds, in cents."""
        return Cents(self.cleaned_data["fonds"] or USUAL_FUND)

    @property
    def mechanisms(self) -> list[Mechanism]:
        """What is compared, in the order of the list."""
        return [one for one in Mechanism if str(one) in self.cleaned_data["m"]]

    @property
    def rules(self) -> Rules:
        """The rules under the first mechanism; the form is valid."""
        return read_rules(self._written(self.cleaned_data))

    def clean_part(self) -> str:
        """A share in percent."""
        return self._number("part", 100, _("Write a number above 0, at most 100, such as 10."))

    def clean_rapport(self) -> str:
        """Euros for each euro."""
        return self._number("rapport", LARGEST_RATIO, _("Write a number above 0, such as 2 or 1.5."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        floor, top = cleaned.get("seuil"), cleaned.get("plafond")
        if floor and top and floor > top:
            self.add_error("seuil", _("No gift could count: this is more than what counts at most."))
        if top and cleaned.get("paliers") and top < PUBLISHED_STEPS[0]:
            self.add_error("plafond", _("No gift could count: the smallest step is €5."))
        return cleaned

    def _number(self, name: str, most: int, sentence: str | Promise) -> str:
        """What was written, as read_rules reads it; nothing where nothing was."""
        written: str = self.cleaned_data[name].replace(",", ".").removesuffix("%").strip()
        if written and not (NUMBER.fullmatch(written) and 0 < Decimal(written) <= most):
            raise forms.ValidationError(str(sentence))
        return written

    def _written(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        rules = PRESETS["plain"].to_mapping()
        for field, key in WRITTEN.items():
            value = cleaned[field]
            if field in {"seuil", "plafond"}:
                value = None if value is None else euros_of_cents(value)
            elif field == "part" and value:
                value = f"{value}%"
            if value not in (None, ""):
                rules[key] = value
        if cleaned["paliers"]:
            rules["steps"] = [euros_of_cents(step) for step in PUBLISHED_STEPS]
        return rules


def compact(asked: QueryDict) -> str:
    """The query of an address without what is empty or says what holds anyway."""
    short = QueryDict(mutable=True)
    rows = [asked.getlist(key) for key in ("p", "n", "a")]
    for project, people, amount in zip(*rows, strict=False):
        if project.strip() or people.strip() or amount.strip():
            for key, value in (("p", project), ("n", people), ("a", amount)):
                short.appendlist(key, value.strip())
    for key in ("lignes", "dons", "projets", "tirage", "fonds", *WRITTEN, "paliers"):
        if value := asked.get(key, "").strip():
            short[key] = value
    if set(asked.getlist("m")) != {str(one) for one in USUAL}:
        short.setlist("m", asked.getlist("m"))
    return short.urlencode()
