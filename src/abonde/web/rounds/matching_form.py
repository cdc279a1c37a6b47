"""Every parameter of the mechanism as a form. A limit is applied or switched off: switched off is written "none", never 0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.matching.amounts import Cents, euros_of_cents
from abonde.matching.refusal import Refusal, Refusals
from abonde.matching.rules import ABSENT, ClusterForm, Mechanism, Rules, Sharing
from abonde.matching.written_rules import read_rules
from abonde.rounds.models import LARGEST_GIFT, SMALLEST_GIFT
from abonde.web.saving import Versioned
from abonde.web.widgets import EurosField
from abonde.web.wording import sentences

LIMITS: Final = ("count_from", "count_up_to", "steps", "min_supporters", "max_share", "max_ratio")
"""Parameters that may be absent; each has its switch."""

GROUPS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
    (_("How support is counted"), ("mechanism", "pairwise_m", "cluster_form")),
    (
        _("What counts of a gift"),
        (
            "smallest_gift",
            "largest_gift",
            "count_from_on",
            "count_from",
            "count_up_to_on",
            "count_up_to",
            "steps_on",
            "steps",
        ),
    ),
    (
        _("Limits for a project"),
        (
            "min_supporters_on",
            "min_supporters",
            "max_share_on",
            "max_share",
            "max_ratio_on",
            "max_ratio",
            "cap_at_need",
        ),
    ),
    (_("Sharing the pots out"), ("sharing", "redistribute")),
)

WORDS: Final[Mapping[str, str | Promise]] = {
    "min_supporters": _("Give a whole number of people, 1 or more."),
    "max_share": _("Give a share of the fund above 0 and up to 1, such as 1/8 or 10 %."),
    "max_ratio": _("Give how many euros the fund may add for each euro, such as 2 or 1.5."),
}
"""What is said where one of these cannot be: the engine speaks of how rules are written in files."""


def _switch(label: object) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)  # type: ignore[arg-type]


class MatchingForm(Versioned):
    """The rules of matching, and what one gift may be."""

    mechanism = forms.ChoiceField(
        label=_("Mechanism"),
        widget=forms.RadioSelect,
        choices=[
            (Mechanism.QUADRATIC, _("Quadratic: how many people give weighs far more than how much")),
            (Mechanism.PAIRWISE, _("Pairwise: quadratic, less for people who always support the same")),
            (Mechanism.CLUSTER, _("Cluster: support from different groups weighs more")),
            (Mechanism.HEADS, _("Heads: each person counts once")),
            (Mechanism.PROPORTIONAL, _("Proportional: each euro counts once")),
        ],
    )
    pairwise_m = EurosField(label=_("M"), help_text=_("For pairwise only; smaller discounts agreement more."))
    cluster_form = forms.ChoiceField(
        label=_("Form"),
        help_text=_("For cluster only."),
        choices=[(ClusterForm.SOFT, _("Soft")), (ClusterForm.PAPER, _("As in the first paper"))],
    )
    smallest_gift = EurosField(
        label=_("Smallest gift to a project"), smallest=SMALLEST_GIFT, largest=LARGEST_GIFT
    )
    largest_gift = EurosField(
        label=_("Largest gift to a project"), smallest=SMALLEST_GIFT, largest=LARGEST_GIFT
    )
    count_from_on = _switch(_("Small sums are not matched"))
    count_from = EurosField(label=_("Matched from"), required=False)
    count_up_to_on = _switch(_("Large sums are matched up to an amount"))
    count_up_to = EurosField(label=_("Matched up to"), required=False)
    steps_on = _switch(_("Sums are lowered to steps"))
    steps = forms.CharField(
        label=_("Steps"), help_text=_("Euros in rising order: 5; 10; 20; 50"), required=False, max_length=300
    )
    min_supporters_on = _switch(_("A project needs a number of people to be matched"))
    min_supporters = forms.IntegerField(label=_("At least so many people"), required=False)
    max_share_on = _switch(_("A project receives at most a share of the fund"))
    max_share = forms.CharField(
        label=_("Largest share"),
        help_text=_("A percentage or a fraction: 10 %, 1/8"),
        required=False,
        max_length=30,
    )
    max_ratio_on = _switch(_("The fund adds at most so much for each euro that counts"))
    max_ratio = forms.CharField(
        label=_("Euros for each euro"), help_text=_("Such as 2 or 1.5"), required=False, max_length=30
    )
    cap_at_need = _switch(_("The fund never takes a project beyond its ideal budget"))
    sharing = forms.ChoiceField(
        label=_("How much of a pot"),
        widget=forms.RadioSelect,
        choices=[
            (Sharing.WHOLE_POT, _("The whole pot, as far as the limits allow")),
            (Sharing.UP_TO_IDEAL, _("Never more than the support of a project")),
        ],
    )
    redistribute = _switch(_("What a limit cuts off goes to the other projects"))

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        """The fields under their headings."""
        for heading, names in GROUPS:
            yield heading, [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in LIMITS:
            if cleaned.get(f"{name}_on") and cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("Give the limit, or switch it off."))
        if not self.errors:
            try:
                read_rules(self.written())
            except Refusal as refusal:
                self._tell(refusal)
        return cleaned

    def written(self) -> dict[str, Any]:
        """The rules in their written form."""
        given = self.cleaned_data
        rules: dict[str, Any] = {
            name: given[name]
            for name in ("mechanism", "cluster_form", "sharing", "cap_at_need", "redistribute")
        }
        rules["pairwise_m"] = euros_of_cents(given["pairwise_m"])
        for name in LIMITS:
            rules[name] = _written(given[name]) if given[f"{name}_on"] else ABSENT
        if given["steps_on"]:
            rules["steps"] = [step for step in re.split(r"[;\s]+", given["steps"].strip()) if step]
        if given["min_supporters_on"]:
            rules["min_supporters"] = given["min_supporters"]
        return rules

    def _tell(self, refusal: Refusal) -> None:
        """Each refusal at the field that it is about: its sentence begins with the name of the parameter."""
        if isinstance(refusal, Refusals):
            for one in refusal.refusals:
                self._tell(one)
            return
        about = re.match(r"\w+", str(refusal))
        field = about.group() if about and about.group() in self.fields else ""
        for sentence in [str(WORDS[field])] if field in WORDS else sentences(refusal):
            self.add_error(field or None, sentence)


def initial_of(rules: Rules) -> dict[str, Any]:
    """The rules as the form shows them."""
    counting = rules.counting
    limits: Mapping[str, object] = {
        "count_from": counting.count_from,
        "count_up_to": counting.count_up_to,
        "steps": "; ".join(_euros(step) for step in counting.steps or ()) or None,
        "min_supporters": rules.min_supporters,
        "max_share": None if rules.max_share is None else str(rules.max_share),
        "max_ratio": None if rules.max_ratio is None else str(rules.max_ratio),
    }
    return {
        **limits,
        **{f"{name}_on": value is not None for name, value in limits.items()},
        "mechanism": rules.mechanism,
        "pairwise_m": rules.pairwise_m,
        "cluster_form": rules.cluster_form,
        "cap_at_need": rules.cap_at_need,
        "sharing": rules.sharing,
        "redistribute": rules.redistribute,
    }


def _euros(cents: Cents) -> str:
    return euros_of_cents(cents).removesuffix(".00")


def _written(value: object) -> object:
    return euros_of_cents(value) if isinstance(value, int) else value
