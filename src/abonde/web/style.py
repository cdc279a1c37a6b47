"""The living style page: every component in every state, on a real page, in demo and tests only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.amounts import Cents
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.web.listing import Cell, Column, Listing
from abonde.web.pieces import Underway, how_far
from abonde.web.projects.words import STATES
from abonde.web.widgets import DayInput, EmailAddressField, EurosField, MomentInput
from abonde.web.wording import money

CHOICES: Final = [("nature", _("Living nature")), ("food", _("Food for all")), ("move", _("Moving around"))]
COLOURS: Final = (
    *("paper", "surface", "sunken", "line", "edge", "ink", "soft", "brand", "brand-strong", "brand-wash"),
    *("sun", "received", "added", "info", "success", "warning", "danger", "focus"),
)
TEXT: Final = """## A seed library

Bring **seeds**, take seeds, and *learn* from each other:

1. every Saturday,
2. at the [town hall](https://example.org).

> Nothing grows alone.
"""
NOW: Final = datetime(2030, 3, 8, 16, 5, tzinfo=UTC)
OVERTAKEN: Final = _(
    "Somebody else has changed this since you opened the page. Your text is still in the form: open the "
    "page again in another tab, compare, and save once more."
)
PROJECTS: Final = [
    (_("Seed library"), 4_000_00, datetime(2030, 3, 1, 9, 30, tzinfo=UTC), State.SUBMITTED),
    (_("A repair café in the old station"), 12_500_00, datetime(2030, 3, 4, tzinfo=UTC), State.SELECTED),
    (
        _("Open map of safe ways to school, drawn by the children who walk them"),
        900_00,
        datetime(2030, 3, 7, 18, 5, tzinfo=UTC),
        State.REFUSED,
    ),
]


class EveryField(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label=_("Name of the project"), help_text=_("As people will read it on the poster.")
    )
    mail = EmailAddressField(label=_("E-mail address"))
    story = forms.CharField(
        label=_("Story"), widget=forms.Textarea, help_text=_("What, for whom, and why now.")
    )
    challenge = forms.ChoiceField(label=_("Challenge"), choices=CHOICES)
    need = EurosField(label=_("Need"), smallest=Cents(100_00), help_text=_("In euros."))
    begins = forms.DateField(label=_("Begins on"), widget=DayInput)
    closes = forms.DateTimeField(label=_("Closes on"), widget=MomentInput, required=False)
    size = forms.ChoiceField(label=_("Kind of project"), choices=CHOICES, widget=forms.RadioSelect)
    themes = forms.MultipleChoiceField(
        label=_("Themes"), choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False
    )
    picture = forms.FileField(label=_("Picture"), required=False)
    agreed = forms.BooleanField(label=_("I have read the rules"))


class Narrow(forms.Form):
    """What narrows the list of the page; nothing here is narrowed by it."""

    q = forms.CharField(label=_("Project"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *((state, label) for state, (label, _tone) in STATES.items())],
    )


class Shown(Listing[Project]):
    """A few rows that are in no database."""

    @cached_property
    def page(self) -> Page[Project]:
        """All of them, sorted as they are asked for."""
        rows = [
            Project(pk=number, name=str(name), need_ideal=need, submitted_at=at, state=state)
            for number, (name, need, at, state) in enumerate(PROJECTS, start=1)
        ]
        field = self.columns[self.sorting.removeprefix("-")].order
        rows.sort(key=lambda row: getattr(row, field), reverse=self.sorting.startswith("-"))
        return Paginator(rows, len(rows)).get_page(1)


@require_safe
def pieces(request: HttpRequest) -> HttpResponse:
    """Every component."""
    underway = Underway(gettext("Writing the register"))
    if (bar := how_far(request, underway)) is not None:
        return bar
    context = {
        "underway": underway,
        "colours": COLOURS,
        "untouched": EveryField(prefix="untouched"),
        "wrong": EveryField(
            {"wrong-name": "", "wrong-need": "12,345", "wrong-mail": "camille"}, prefix="wrong"
        ),
        "steps": _steps(),
        "text": TEXT,
        "listing": Shown(request, Project.objects.none(), _columns(), usual="handed_in", name="projects"),
        "narrow": Narrow(request.GET),
        "waiting": _waiting(),
        "now": NOW,
        "mistakes": [
            (None, _("Give each challenge a name.")),
            (None, _("Choose a register of the host or of the certifier of this round.")),
        ],
        "overtaken": [(None, OVERTAKEN)],
        "weak": {"register": {"is_weak": True}},
        "page": Paginator(range(90), 10).get_page(request.GET.get("page", 2)),
        "trail": [(_("Rounds"), "#"), (_("Our valley"), "#")],
        "facts": [(_("Territory"), "Drôme"), (_("Projects"), 24), (_("Certified"), None)],
        "goal": 4_000_00,
        "received": 1_250_00,
        "added": 1_900_50,
    }
    return render(request, "style/pieces.html", context)


@require_safe
def workspace(request: HttpRequest) -> HttpResponse:
    """A page of a workspace."""
    return render(request, "style/workspace.html", {"steps": _steps(), "trail": [(_("Rounds"), "#")]})


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """A page that says what will happen."""
    context = {
        "title": _("Close the round now?"),
        "sentence": _("Nobody will be able to give from now on."),
        "consequences": [_("Payments under way are waited for."), _("The result is computed tomorrow.")],
        "action": _("Close the round"),
        "cancel_url": "/style/",
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


def _steps() -> list[dict[str, object]]:
    return [
        {"label": _("Territory"), "state": "done", "url": "#"},
        {"label": _("Calendar"), "state": "wrong", "url": "#"},
        {
            "label": _("Rules"),
            "state": "current",
            "url": "#",
            "lacking": [_("Choose how much one gift may weigh")],
        },
        {"label": _("Fund"), "state": "todo", "url": "#", "next": True},
        {"label": _("Signatures"), "state": "todo", "url": ""},
    ]


def _waiting() -> list[dict[str, object]]:
    return [
        {"text": _("Invite the town to sign"), "url": "#", "until": NOW + timedelta(days=5)},
        {"text": _("Choose how much one gift may weigh"), "url": "#", "until": None},
    ]


def _columns() -> list[Column[Project]]:
    def state(one: Project) -> Cell:
        label, tone = STATES[one.state]
        return Cell(text=label, tone=tone)

    return [
        Column(
            key="project", label=_("Project"), cell=lambda one: Cell(text=one.name, url="#row"), order="name"
        ),
        Column(
            key="ideal",
            label=_("Ideal amount"),
            cell=lambda one: Cell(text=money(one.need_ideal or 0, whole=True)),
            order="need_ideal",
            greatest_first=True,
            is_number=True,
        ),
        Column(
            key="handed_in",
            label=_("Handed in"),
            cell=lambda one: Cell(at=one.submitted_at, to_the_minute=True),
            order="submitted_at",
        ),
        Column(key="state", label=_("State"), cell=state, order="state"),
    ]
