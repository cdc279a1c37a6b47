"""The pages of the audit trail: read it, filter it, take it away as a file."""

from __future__ import annotations

import csv
import io
from typing import Any, Final, cast

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from abonde.core.models import Event
from abonde.organisations.models import Organisation, Role
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.web.listing import plain
from abonde.web.settlement.downloads import file_of
from abonde.web.trail.reading import Entry, Wanted, entries_of, folded, trail_of
from abonde.web.trail.words import KINDS
from abonde.web.widgets import DayInput
from abonde.web.workspaces import AgentRequest, Link, agent_required

PER_PAGE: Final = 50
MOST_IN_A_FILE: Final = 10_000


class FilterForm(forms.Form):
    """What of the trail is wanted."""

    kind = forms.ChoiceField(
        label=gettext_lazy("About"),
        required=False,
        choices=lambda: [("", _("everything")), *((key, label) for key, (label, _deeds) in KINDS.items())],
    )
    about = forms.ModelChoiceField(
        label=gettext_lazy("Round"),
        required=False,
        queryset=Round.objects.none(),
        empty_label=gettext_lazy("all rounds"),
    )
    who = forms.ModelChoiceField(
        label=gettext_lazy("Done by"),
        required=False,
        queryset=Person.objects.none(),
        empty_label=gettext_lazy("everyone"),
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput)
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput)

    def __init__(self, organisation: Organisation, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # what a request carries, or nothing
        takes_part = Q(host=organisation) | Q(parties__organisation=organisation)
        rounds = Round.objects.filter(takes_part).distinct().order_by("-created_at", "-id")
        agents = Person.objects.active().filter(memberships__organisation=organisation)
        cast("forms.ModelChoiceField[Round]", self.fields["about"]).queryset = rounds
        cast("forms.ModelChoiceField[Person]", self.fields["who"]).queryset = agents.distinct().order_by(
            "name"
        )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day comes before the first: choose a later one."))
        return told


@require_safe
@agent_required()
def trail(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """What was done, page by page."""
    form = FilterForm(request.organisation, request.GET or None)
    page = Paginator(_wanted(request.organisation, form), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "entries": folded(entries_of(page, own=request.organisation.name)),
        "narrowed": bool(form.is_bound and any(request.GET.get(name) for name in form.fields)),
        "most": MOST_IN_A_FILE,
    }
    return render(request, "trail/trail.html", context)


@require_safe
@agent_required()
def trail_csv(request: AgentRequest, org: str) -> HttpResponse:
    """The same as a file, the newest first."""
    found = _wanted(request.organisation, FilterForm(request.organisation, request.GET or None))
    found = found[:MOST_IN_A_FILE]
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["at", "who", "what", "about", "changes"])
    rows.writerows(map(plain, _row(one)) for one in entries_of(found))
    return file_of(written.getvalue(), f"{org}-trail.csv", "text/csv")


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001  every agent may read
    """The room of the trail."""
    return [Link(_("What was done"), reverse("audit-trail", args=[organisation.slug]))]


def _wanted(organisation: Organisation, form: FilterForm) -> QuerySet[Event]:
    if form.is_bound and not form.is_valid():
        return Event.objects.none().order_by("id")
    return trail_of(organisation, Wanted(**(form.cleaned_data if form.is_bound else {})))


def _row(one: Entry) -> list[str]:
    changes = "; ".join(f"{change.name}: {change.before} → {change.after}" for change in one.changes)
    return [localtime(one.at).isoformat(timespec="seconds"), one.who, str(one.deed), one.about, changes]
