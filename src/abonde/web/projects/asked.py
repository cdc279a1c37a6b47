"""What is asked in the rounds of a host, as a list."""

from __future__ import annotations

from typing import Final, cast

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.organisations.models import Organisation
from abonde.projects.models import Question
from abonde.rounds.models import Round
from abonde.web.listing import Cell, Column

STATES: Final = {
    "waiting": (gettext_lazy("Not answered"), "warning"),
    "answered": (gettext_lazy("Answered"), "success"),
    "hidden": (gettext_lazy("Taken off"), "danger"),
}
OF_STATE: Final = {
    "waiting": Q(hidden_at=None, answered_at=None),
    "answered": Q(hidden_at=None, answered_at__isnull=False),
    "hidden": Q(hidden_at__isnull=False),
}


class SearchForm(forms.Form):
    """Which questions to list."""

    q = forms.CharField(
        label=gettext_lazy("Words or project"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    round = forms.ModelChoiceField(
        label=gettext_lazy("Round"),
        required=False,
        queryset=Round.objects.none(),
        empty_label=gettext_lazy("all rounds"),
        to_field_name="slug",
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *((state, label) for state, (label, _tone) in STATES.items())],
    )

    def __init__(self, host: Organisation, data: QueryDict) -> None:
        super().__init__(data)
        rounds = Round.objects.filter(host=host).order_by("-created_at", "-id")
        cast("forms.ModelChoiceField[Round]", self.fields["round"]).queryset = rounds


def searched(questions: QuerySet[Question], form: SearchForm) -> QuerySet[Question]:
    """The questions that the form asks for; a field that cannot be read narrows nothing."""
    form.is_valid()
    asked = form.cleaned_data
    if words := asked.get("q"):
        questions = questions.filter(Q(body__icontains=words) | Q(project__name__icontains=words))
    if asked.get("round"):
        questions = questions.filter(project__round=asked["round"])
    if asked.get("state"):
        questions = questions.filter(OF_STATE[asked["state"]])
    return questions


def columns(org: str, *, may_hide: bool) -> list[Column[Question]]:
    """What the list shows of each question."""

    def question(one: Question) -> Cell:
        return Cell(text=one.body, note=_("The answer") if one.answer else "", more=one.answer)

    def project(one: Question) -> Cell:
        url = reverse("project", args=[one.project.round.slug, one.project.slug])
        return Cell(text=one.project.name, url=url)

    def state(one: Question) -> Cell:
        label, tone = STATES[_state(one)]
        if one.hidden_at or not may_hide:
            return Cell(text=label, tone=tone, note=one.hidden_because)
        return Cell(
            text=label,
            tone=tone,
            url=reverse("question-hide", args=[org, one.pk]),
            note=_("Take off the page"),
        )

    return [
        Column(key="question", label=_("Question"), cell=question),
        Column(
            key="answer", label=_("The answer"), cell=lambda one: Cell(text=one.answer), only_in_file=True
        ),
        Column(key="project", label=_("Project"), cell=project, order="project__name"),
        Column(
            key="asked",
            label=_("Asked"),
            cell=lambda one: Cell(at=one.asked_at),
            order="asked_at",
            greatest_first=True,
        ),
        Column(key="state", label=_("State"), cell=state, plain=_state),
    ]


def _state(one: Question) -> str:
    if one.hidden_at:
        return "hidden"
    return "answered" if one.answered_at else "waiting"
