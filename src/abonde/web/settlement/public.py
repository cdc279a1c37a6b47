"""Results as everyone sees them, and objections to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching import read_rules
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.settlement.actions import raise_objection
from abonde.settlement.models import Computation, ResultLine
from abonde.settlement.queries import (
    computations_of,
    differences,
    lines_of,
    objections_of,
    results_text_of,
)
from abonde.web.settlement import downloads
from abonde.web.settlement.forms import ObjectionForm
from abonde.web.settlement.overview import overview
from abonde.web.settlement.sentences import story_of, why
from abonde.web.settlement.showing import (
    may_object,
    pot_names,
    result_of,
    results_step,
    shown_round,
    state_words,
    totals,
    trail,
)
from abonde.web.settlement.way import way
from abonde.web.settlement.words import RULINGS
from abonde.web.workspaces import told

PER_PAGE = 30


@require_safe
@gzip_page
def results(request: HttpRequest, round_slug: str) -> HttpResponse:
    """What each project receives."""
    round_ = shown_round(round_slug)
    computations = computations_of(round_)
    context: dict[str, Any] = {"round": round_, "trail": trail(round_)}
    if not computations:
        return render(request, "settlement/not_yet.html", {**context, "way": way(round_)})
    context |= overview(round_, computations, request.GET.get("tri", ""))
    return render(request, "settlement/results.html", context)


@require_safe
def results_csv(request: HttpRequest, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The table as a file."""
    _, computation = result_of(round_slug)
    return downloads.file_of(
        downloads.results_csv(computation), downloads.results_name(computation, "csv"), "text/csv"
    )


@require_safe
def results_json(request: HttpRequest, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The whole result as a file."""
    _, computation = result_of(round_slug)
    return downloads.file_of(
        downloads.results_json(computation), downloads.results_name(computation, "json"), "application/json"
    )


@require_safe
def signed_text(request: HttpRequest, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The exact bytes that the trio signs."""
    round_, computation = result_of(round_slug)
    text = results_text_of(computation)
    if text is None:
        raise Http404
    return downloads.file_of(text.canonical, f"{round_.slug}-signe.json", "application/json")


@require_safe
@gzip_page
def computation(request: HttpRequest, round_slug: str, number: int) -> HttpResponse:
    """One computation of the round's history, and what it changed."""
    round_ = shown_round(round_slug)
    found = get_object_or_404(Computation, round=round_, number=number)
    lines = lines_of(found)
    context = {
        "round": round_,
        "computation": found,
        "lines": lines,
        "totals": totals(lines),
        "differences": differences(found),
        "holds": not Computation.objects.filter(round=round_, number__gt=number).exists(),
        "trail": trail(round_, results_step(round_)),
    }
    return render(request, "settlement/computation.html", context)


@require_safe
@gzip_page
def explanation(request: HttpRequest, round_slug: str, slug: str) -> HttpResponse:
    """Why a project receives what it receives."""
    round_, found = result_of(round_slug)
    line = get_object_or_404(
        ResultLine.objects.select_related("project"), computation=found, project__slug=slug
    )
    context = {
        "round": round_,
        "computation": found,
        "line": line,
        "together": line.received + line.matching,
        "in_short": why(line, read_rules(found.rules)),
        "story": story_of(found, line, pot_names(round_)),
        "state": state_words(round_),
        "may_object": may_object(round_),
        "trail": trail(round_, results_step(round_)),
    }
    return render(request, "settlement/explanation.html", context)


@require_safe
def objections(request: HttpRequest, round_slug: str) -> HttpResponse:
    """What was objected, and the answers; without names."""
    round_, _found = result_of(round_slug)
    page = Paginator(objections_of(round_), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "page": page,
        "rows": [(one, *RULINGS[one.state]) for one in page],
        "may_object": may_object(round_),
        "trail": trail(round_, results_step(round_)),
    }
    return render(request, "settlement/objections.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def object_to(request: HttpRequest, round_slug: str) -> HttpResponse:
    """Object to the result."""
    round_, _found = result_of(round_slug)
    form = ObjectionForm(
        request.POST or None, round=round_, initial={"project": request.GET.get("projet", "")}
    )
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, Person)  # noqa: S101  (login_required)
        try:
            raise_objection(
                person=request.user,
                round=round_,
                text=form.cleaned_data["text"],
                project=form.chosen(),
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request, _("Your objection has reached the host. You will receive the answer by e-mail.")
            )
            return redirect(reverse("objections", args=[round_slug]))
    context = {
        "round": round_,
        "form": form,
        "may_object": may_object(round_),
        "trail": trail(round_, results_step(round_)),
    }
    return render(request, "settlement/object.html", context)
