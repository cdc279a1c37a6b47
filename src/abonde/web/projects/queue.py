"""The applications to a round, as a list."""

from __future__ import annotations

from typing import cast

from django import forms
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.projects.models import Project
from abonde.projects.queries import applications
from abonde.projects.states import State
from abonde.rounds.models import Challenge, Round
from abonde.web.listing import Cell, Column, Listing
from abonde.web.projects.words import STATES
from abonde.web.wording import money
from abonde.web.workspaces import AgentRequest, agent_required, host_round


class QueueForm(forms.Form):
    """Which applications to a round to list."""

    state = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(
        label=gettext_lazy("Project"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    challenge = forms.ModelChoiceField(
        label=gettext_lazy("Challenge"),
        required=False,
        queryset=Challenge.objects.none(),
        empty_label=gettext_lazy("All"),
    )

    def __init__(self, round_: Round, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # what a request carries, or nothing
        challenges = Challenge.objects.filter(round=round_)
        cast("forms.ModelChoiceField[Challenge]", self.fields["challenge"]).queryset = challenges


@agent_required()
def queue(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """The applications of a round, those that wait first."""
    found = host_round(request, round_slug)
    wanted = request.GET.get("state", "")
    states = [wanted] if wanted in State.values else []
    counts = dict(applications(found).order_by().values_list("state").annotate(number=Count("pk")))
    tabs = [
        {"state": state, "label": label, "number": counts[state], "current": state == wanted}
        for state, (label, _tone) in STATES.items()
        if counts.get(state)
    ]
    form = QueueForm(found, request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = applications(found, states=[State(one) for one in states])
    if asked.get("q"):
        rows = rows.filter(name__icontains=asked["q"])
    if asked.get("challenge"):
        rows = rows.filter(challenge=asked["challenge"])
    listing = Listing(
        request, rows, _columns(org, found), usual="handed_in", name=f"{round_slug}-applications"
    )
    if listing.is_file:
        return listing.file()
    context = {
        "round": found,
        "organisation": request.organisation,
        "tabs": tabs,
        "all": sum(counts.values()),
        "wanted": wanted,
        "form": form,
        "listing": listing,
    }
    return render(request, "projects/review_queue.html", context)


def _columns(org: str, found: Round) -> list[Column[Project]]:
    def name(one: Project) -> Cell:
        return Cell(text=one.name, url=reverse("review", args=[org, found.slug, one.pk]))

    def state(one: Project) -> Cell:
        label, tone = STATES[one.state]
        return Cell(text=label, tone=tone)

    return [
        Column(key="project", label=_("Project"), cell=name, order="name"),
        Column(
            key="challenge",
            label=_("Challenge"),
            cell=lambda one: Cell(text=one.challenge.name if one.challenge else "–"),
            order="challenge__name",
        ),
        Column(
            key="ideal",
            label=_("Ideal amount"),
            cell=lambda one: Cell(text=money(one.need_ideal or 0, whole=True)),
            plain=lambda one: one.need_ideal,
            order="need_ideal",
            greatest_first=True,
            is_number=True,
        ),
        Column(
            key="handed_in",
            label=_("Handed in"),
            cell=lambda one: Cell(at=one.submitted_at),
            order="submitted_at",
        ),
        Column(key="state", label=_("State"), cell=state, plain=lambda one: one.state, order="state"),
    ]
