"""Searching, filtering and ordering the projects of a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.giving.models import ProjectTotal
from abonde.projects.models import Project
from abonde.rounds.models import Challenge
from abonde.territories.searching import folded
from abonde.web.projects.places import name_of

ORDERS = {
    "": _("Today’s order"),
    "name": _("By name"),
    "people": _("Most people first"),
    "fewest": _("Fewest people first"),
}


class BrowseForm(forms.Form):
    """What a visitor looks for. Nothing typed finds everything; what is none of the choices is left aside."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    challenge = forms.ChoiceField(label=_("Challenge"), required=False)
    place = forms.ChoiceField(label=_("Commune"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=list(ORDERS.items()))

    def __init__(self, data: object, *, challenges: Iterable[Challenge], projects: Iterable[Project]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        everywhere = ("", _("All"))
        places = sorted({(name_of(one.place), one.place) for one in projects if one.place})
        self.fields["challenge"].choices = [everywhere, *((one.key, one.name) for one in challenges)]  # type: ignore[attr-defined]
        self.fields["place"].choices = [everywhere, *((code, name) for name, code in places)]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, str]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}


def browsed(
    form: BrowseForm, projects: Iterable[Project], totals: Mapping[int, ProjectTotal], *, on: date
) -> list[Project]:
    """The projects that the visitor looks for, in the order they ask for.

    Unasked, the order changes each day, the same for everyone: no project is always the first.
    """
    wanted = form.wanted()
    typed = wanted.get("q", "")
    words = folded(typed).split() or [typed]  # a search for 🌱 alone finds nothing, rather than everything
    found = [
        one
        for one in projects
        if all(word in folded(f"{one.name} {one.summary}") for word in words)
        and wanted.get("challenge") in {None, one.challenge.key if one.challenge else ""}
        and wanted.get("place") in {None, one.place}
    ]
    match wanted.get("order"):
        case "name":
            return sorted(found, key=lambda one: (folded(one.name), one.pk))
        case "people" | "fewest" as order:
            sign = 1 if order == "fewest" else -1
            return sorted(found, key=lambda one: (sign * _givers(totals, one), folded(one.name)))
        case _:
            return sorted(found, key=lambda one: sha256(f"{on} {one.slug}".encode()).digest())


def _givers(totals: Mapping[int, ProjectTotal], project: Project) -> int:
    total = totals.get(project.pk)
    return total.givers if total else 0
