"""Rounds to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.web.simulator.forms import GUARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A round worth looking at, and what it shows."""

    title: str | Promise
    text: str | Promise
    fund: str
    crowds: Sequence[tuple[Sequence[str | Promise], int, str]]
    limits: Mapping[str, str] = field(default_factory=dict)
    mechanisms: Sequence[str] = ()

    @property
    def query(self) -> QueryDict:
        """Its address."""
        written = QueryDict(mutable=True)
        for projects, people, amount in self.crowds:
            written.appendlist("p", " + ".join(str(name) for name in projects))
            written.appendlist("n", str(people))
            written.appendlist("a", amount)
        written["fonds"] = self.fund
        for key, value in self.limits.items():
            written[key] = value
        if self.mechanisms:
            written.setlist("m", list(self.mechanisms))
        return written


GARDEN: Final = _("Shared garden")
REPAIRS: Final = _("Repair café")
BAKERY: Final = _("Bread oven")
BIKES: Final = _("Bicycle workshop")
FOUNTAIN: Final = _("Fountain")
SHOP_ONE: Final = _("Front shop one")
SHOP_TWO: Final = _("Front shop two")

PRESETS: Final[Sequence[Preset]] = (
    Preset(
        title=_("Ten small against one large"),
        text=_("Ten people give €5 each to a garden, one person gives €500 to a fountain."),
        fund="1000",
        crowds=(((GARDEN,), 10, "5"), ((FOUNTAIN,), 1, "500")),
    ),
    Preset(
        title=_("A factory of accounts"),
        text=_(
            "One hand holds forty accounts and gives €5 from each to two front shops. See what the limits do about it."
        ),
        fund="3000",
        crowds=(
            ((GARDEN,), 20, "10"),
            ((REPAIRS,), 15, "15"),
            ((SHOP_ONE, SHOP_TWO), 40, "5"),
        ),
    ),
    Preset(
        title=_("A neighbourhood round"),
        text=_(
            "Five projects, some loved by many, some by few with more money, under the limits of a first round."
        ),
        fund="2500",
        crowds=(
            ((GARDEN,), 40, "5"),
            ((GARDEN, BIKES), 12, "10"),
            ((REPAIRS,), 25, "10"),
            ((BAKERY,), 9, "50"),
            ((BIKES,), 18, "20"),
            ((FOUNTAIN,), 3, "200"),
        ),
        limits={**GUARDED, "part": "30"},
    ),
)
