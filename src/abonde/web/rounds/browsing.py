"""Searching, filtering and ordering the projects of a round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.projects.queries import public_projects
from abonde.rounds.models import Challenge, Round
from abonde.territories.searching import folded
from abonde.web.projects.places import name_of

ORDERS = {
    "": _("Today’s order"),
    "name": _("By name"),
    "people": _("Most people first"),
    "fewest": _("Fewest people first"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is looked at to find a project among all of its round, and what it has received (cents)."""

    pk: int
    slug: str
    name: str
    summary: str
    challenge: str
    place: str
    received: int
    givers: int


def entries_of(round: Round) -> list[Entry]:  # noqa: A002  (the word of the domain)
    """Every public project of the round, in one query that reads no story and no picture."""
    rows = public_projects(round).prefetch_related(None).order_by()
    columns = ("pk", "slug", "name", "summary", "challenge__key", "place", "total__received", "total__givers")
    return [
        Entry(pk, slug, name, summary, challenge or "", place, received or 0, givers or 0)
        for pk, slug, name, summary, challenge, place, received, givers in rows.values_list(*columns)
    ]


class BrowseForm(forms.Form):
    """What a visitor looks for. Nothing typed finds everything; what is none of the choices is left aside."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    challenge = forms.ChoiceField(label=_("Challenge"), required=False)
    place = forms.ChoiceField(label=_("Commune"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=list(ORDERS.items()))

    def __init__(self, data: object, *, challenges: Iterable[Challenge], entries: Iterable[Entry]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        everywhere = ("", _("All"))
        places = sorted({(name_of(one.place), one.place) for one in entries if one.place})
        known = {
            "challenge": [(one.key, one.name) for one in challenges],
            "place": [(code, name) for name, code in places],
        }
        for name, choices in known.items():
            self.fields[name].choices = [everywhere, *choices]  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]

    def wanted(self) -> dict[str, str]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}


def browsed(form: BrowseForm, entries: Sequence[Entry], *, on: date) -> list[Entry]:
    """The projects that the visitor looks for, in the order they ask for.

    Unasked, the order changes each day, the same for everyone: no project is always the first.
    """
    wanted = form.wanted()
    typed = wanted.get("q", "")
    words = folded(typed).split() or [typed]  # a search for 🌱 alone finds nothing, rather than everything
    found = [
        one
        for one in entries
        if (not typed or all(word in folded(f"{one.name} {one.summary}") for word in words))
        and wanted.get("challenge") in {None, one.challenge}
        and wanted.get("place") in {None, one.place}
    ]
    match wanted.get("order"):
        case "name":
            return sorted(found, key=lambda one: (folded(one.name), one.pk))
        case "people" | "fewest" as order:
            sign = 1 if order == "fewest" else -1
            return sorted(found, key=lambda one: (sign * one.givers, folded(one.name)))
        case _:
            return sorted(found, key=lambda one: sha256(f"{on} {one.slug}".encode()).digest())
