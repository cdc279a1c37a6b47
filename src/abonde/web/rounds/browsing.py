"""Searching, filtering and ordering the projects of a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from abonde.core.prepared import prepared
from abonde.matching import Cents
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.models import Challenge, Round
from abonde.territories.searching import folded
from abonde.web.projects.places import name_of

ORDERS = {
    "": _("Drawn by lot"),
    "recents": _("Newest first"),
    "nom": _("By name"),
}
MONEY_ORDERS = {
    "moins": _("Fewest people first"),
    "plus": _("Most people first"),
    "presque": _("Nearest to its budget"),
}
NEEDS = {
    "commencer": _("Cannot begin yet"),
    "completer": _("Can begin, not yet complete"),
    "atteint": _("Budget reached"),
}


@dataclass(frozen=True)
class Entry:
    """What is looked at to find a project among all of its round; amounts in cents, `selected_at` in UTC."""

    pk: int
    slug: str
    name: str
    summary: str
    challenge: str
    place: str
    minimum: int
    ideal: int
    selected_at: datetime
    received: int
    givers: int
    added: int
    point: tuple[float, float] | None = None
    """Latitude and longitude, in degrees."""

    @property
    def lacking(self) -> int:
        """What is lacking for the whole project, in cents."""
        return max(0, self.ideal - self.received - self.added)

    @property
    def need(self) -> str:
        """The key of NEEDS that the project is in."""
        if not self.lacking:
            return "atteint"
        return "completer" if self.received + self.added >= self.minimum else "commencer"

    @cached_property
    def words(self) -> str:
        """What a search looks through, without capitals and accents."""
        return folded(f"{self.name} {self.summary} {name_of(self.place) if self.place else ''}")


def entries_of(round: Round, added: Mapping[str, Cents]) -> list[Entry]:  # noqa: A002  (the word of the domain)
    """Every public project of the round with what the fund adds to it, in one query that reads no story and no picture."""
    return [
        Entry(
            pk,
            slug,
            name,
            summary,
            challenge or "",
            place,
            least or 0,
            ideal or 0,
            at,
            received or 0,
            givers or 0,
            added.get(slug, 0),
            None if latitude is None else (float(latitude), float(longitude)),
        )
        for pk, slug, name, summary, challenge, place, least, ideal, at, received, givers, latitude, longitude in _rows(
            round.pk
        )
    ]


@prepared
def _rows(round_: int) -> QuerySet[Project, tuple[Any, ...]]:
    return Project.objects.filter(round=round_, state=State.SELECTED).values_list(
        "pk",
        "slug",
        "name",
        "summary",
        "challenge__key",
        "place",
        "need_minimum",
        "need_ideal",
        "selected_at",
        "total__received",
        "total__givers",
        "latitude",
        "longitude",
    )


class BrowseForm(forms.Form):
    """What a visitor looks for. Nothing typed finds everything; what is none of the choices is left aside."""

    recherche = forms.CharField(
        label=_("Search"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    defi = forms.ChoiceField(label=_("Challenge"), required=False)
    commune = forms.ChoiceField(label=_("Commune"), required=False)
    besoin = forms.ChoiceField(label=_("Budget"), required=False)
    tri = forms.ChoiceField(label=_("Order"), required=False)

    def __init__(self, data: object, *, challenges: Iterable[Challenge], entries: Sequence[Entry]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        money = any(one.received for one in entries)
        places = sorted({(name_of(one.place), one.place) for one in entries if one.place})
        known: dict[str, list[tuple[str, object]]] = {
            "defi": [("", _("All")), *((one.key, one.name) for one in challenges)],
            "commune": [("", _("All")), *((code, name) for name, code in places)],
            "besoin": [("", _("All")), *NEEDS.items()] if money else [],
            "tri": [*ORDERS.items(), *(MONEY_ORDERS.items() if money else ())],
        }
        for name, choices in known.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not choices[1:]:
                del self.fields[name]

    def wanted(self) -> dict[str, str]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}


def browsed(form: BrowseForm, entries: Sequence[Entry], *, on: date, draw: int) -> list[Entry]:
    """The projects that the visitor looks for, in the order they ask for.

    Unasked, the order is drawn by lot, anew each day and for each `draw`: no project is always the first.
    """
    wanted = form.wanted()
    typed = wanted.get("recherche", "")
    words = folded(typed).split() or [typed]  # a search for 🌱 alone finds nothing, rather than everything
    found = [
        one
        for one in entries
        if (not typed or all(word in one.words for word in words))
        and wanted.get("defi") in {None, one.challenge}
        and wanted.get("commune") in {None, one.place}
        and wanted.get("besoin") in {None, one.need}
    ]
    match wanted.get("tri"):
        case "nom":
            return sorted(found, key=lambda one: (folded(one.name), one.pk))
        case "recents":
            return sorted(found, key=lambda one: (one.selected_at, one.pk), reverse=True)
        case "plus" | "moins" as order:
            sign = 1 if order == "moins" else -1
            return sorted(found, key=lambda one: (sign * one.givers, folded(one.name)))
        case "presque":
            return sorted(found, key=lambda one: (not one.lacking, one.lacking, folded(one.name)))
        case _:
            return sorted(found, key=lambda one: sha256(f"{on} {draw} {one.slug}".encode()).digest())
