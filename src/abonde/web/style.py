"""The living style page: every component in every state, on a real page, in demo and tests only."""

from __future__ import annotations

from typing import Final

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.amounts import Cents
from abonde.web.pieces import Underway, how_far
from abonde.web.widgets import DayInput, EurosField, MomentInput

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


class EveryField(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label=_("Name of the project"), help_text=_("As people will read it on the poster.")
    )
    mail = forms.EmailField(label=_("E-mail address"))
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
        {"label": _("Calendar"), "state": "done", "url": "#"},
        {"label": _("Rules"), "state": "current", "url": "#"},
        {"label": _("Signatures"), "state": "todo", "url": ""},
    ]
