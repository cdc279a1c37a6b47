"""The fund, the rules and the mechanisms of the simulator; an empty limit is no limit."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from abonde.matching import PRESETS, Cents, Mechanism, Refusal, Refusals, Rules, Sharing, read_rules
from abonde.matching.amounts import euros_of_cents
from abonde.matching.rules import PUBLISHED_STEPS
from abonde.web.widgets import EurosField
from abonde.web.wording import sentences

USUAL: Final = (Mechanism.QUADRATIC, Mechanism.PAIRWISE, Mechanism.PROPORTIONAL)
USUAL_FUND: Final = Cents(100_000)
LARGEST_FUND: Final = Cents(10_000_000_000)
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
    seuil = EurosField(label=_("A sum counts from"), required=False)
    plafond = EurosField(label=_("and counts up to"), required=False)
    minimum = forms.IntegerField(
        label=_("People a project needs"),
        min_value=1,
        required=False,
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

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                read_rules(self._written(cleaned))
            except Refusals as refusals:
                for refusal in refusals.refusals:
                    self._tell(refusal)
            except Refusal as refusal:
                self._tell(refusal)
        return cleaned

    def _written(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        rules = PRESETS["plain"].to_mapping()
        for field, key in WRITTEN.items():
            value = cleaned[field]
            if field in {"seuil", "plafond"}:
                value = None if value is None else euros_of_cents(value)
            elif field == "part" and value:
                value = f"{value.removesuffix('%').strip()}%"
            if value not in (None, ""):
                rules[key] = value
        if cleaned["paliers"]:
            rules["steps"] = [euros_of_cents(step) for step in PUBLISHED_STEPS]
        return rules

    def _tell(self, refusal: Refusal) -> None:
        """At its field: the sentence begins with, or names, the key of written rules."""
        said = str(refusal)
        field = next((name for name, key in WRITTEN.items() if said.startswith(key)), None)
        for sentence in sentences(refusal):
            self.add_error(field, sentence)


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
