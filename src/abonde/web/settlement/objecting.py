"""The objections to a result, as a list of the host's."""

from __future__ import annotations

from typing import Final

from django import forms
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.rounds.models import Round
from abonde.settlement.models import Objection, Ruling
from abonde.web.listing import Cell, Column
from abonde.web.settlement.words import RULINGS

SHOWN_OF_TEXT: Final = 120


class ObjectionsForm(forms.Form):
    """Which objections to list."""

    q = forms.CharField(
        label=gettext_lazy("Words or project"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *((state, label) for state, (label, _tone) in RULINGS.items())],
    )


def asked(objections: QuerySet[Objection], form: ObjectionsForm) -> QuerySet[Objection]:
    """The objections that the form asks for, with their `turn`: those that wait come before the others."""
    form.is_valid()
    wanted = form.cleaned_data
    if words := wanted.get("q"):
        objections = objections.filter(Q(text__icontains=words) | Q(project__name__icontains=words))
    if wanted.get("state"):
        objections = objections.filter(state=wanted["state"])
    turns = Case(When(state=Ruling.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    return objections.annotate(turn=turns)


def columns(org: str, found: Round) -> list[Column[Objection]]:
    """What the list shows of each objection, and what its file says besides."""

    def objection(one: Objection) -> Cell:
        url = reverse("objection-answer", args=[org, found.slug, one.pk])
        return Cell(text=Truncator(one.text).chars(SHOWN_OF_TEXT), url=url)

    def state(one: Objection) -> Cell:
        label, tone = RULINGS[one.state]
        return Cell(text=label, tone=tone)

    return [
        Column(key="objection", label=_("Objection"), cell=objection, plain=lambda one: one.text),
        Column(
            key="project",
            label=_("Project"),
            cell=lambda one: Cell(text=one.project.name if one.project else _("The whole result")),
            order="project__name",
        ),
        Column(
            key="raised",
            label=_("Raised on"),
            cell=lambda one: Cell(at=one.raised_at),
            order="raised_at",
            greatest_first=True,
        ),
        Column(key="state", label=_("State"), cell=state, plain=lambda one: one.state, order="turn"),
        Column(key="answer", label=_("Answer"), cell=lambda one: Cell(text=one.answer), only_in_file=True),
    ]
