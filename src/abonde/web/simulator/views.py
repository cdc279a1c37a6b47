"""The page of the simulator, and its outcome as a file. Everything stands in the address: nothing is kept."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from abonde.web.pieces import is_piece
from abonde.web.simulator.comparing import compared
from abonde.web.simulator.forms import GUARDED, WRITTEN, RulesForm, compact
from abonde.web.simulator.outcome import Outcome, as_csv, outcomes
from abonde.web.simulator.presets import PRESETS
from abonde.web.simulator.world import MOST_LETTERS, MOST_ROWS, Row, World, read_world
from abonde.web.wording import sentences

FEWEST_ROWS: Final = 5


@require_safe
@gzip_page
def simulator(request: HttpRequest) -> HttpResponse:
    """An invented round and what each mechanism makes of it; a page that stays gets the outcome alone."""
    asked = _asked(request)
    world, form = read_world(asked), RulesForm(asked)
    found = _found(world, form)
    here = f"{reverse('simulator')}?{compact(asked)}"
    context = {
        "world": world,
        "form": form,
        "problems": [sentence for problem in world.problems for sentence in sentences(problem)],
        "here": here,
        "address": request.build_absolute_uri(here),
        "file": f"{reverse('simulator-csv')}?{compact(asked)}",
        **(compared(found, fund=form.fund, rules=form.rules) if found else {"panels": []}),
    }
    if is_piece(request):
        response = render(request, "simulator/outcome.html", context)
        response["HX-Replace-Url"] = here
    else:
        response = render(request, "simulator/simulator.html", context | _to_write(asked, world))
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def simulator_csv(request: HttpRequest) -> HttpResponse:
    """The outcome as a file; what cannot be counted is told on the page."""
    asked = _asked(request)
    world, form = read_world(asked), RulesForm(asked)
    found = _found(world, form)
    if world.problems or not found:
        return redirect(f"{reverse('simulator')}?{compact(asked)}")
    response = HttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="simulation.csv"'
    return response


def _asked(request: HttpRequest) -> QueryDict:
    """What the address asks for; the first of the rounds to begin with, where it asks for nothing."""
    return request.GET or PRESETS[0].query


def _found(world: World, form: RulesForm) -> list[Outcome]:
    if not form.is_valid() or not world.gifts:
        return []
    return outcomes(world, form.rules, form.fund, form.mechanisms)


def _to_write(asked: QueryDict, world: World) -> dict[str, Any]:
    """What only the whole page needs: rows to fill in, and rounds to begin with."""
    blank = max(FEWEST_ROWS - len(world.rows), 2)
    page = reverse("simulator")
    bare, guarded = asked.copy(), asked.copy()
    for key in (*WRITTEN, "paliers"):
        bare.pop(key, None)
    for key, value in GUARDED.items():
        guarded[key] = value
    return {
        "rows": [*world.rows, *[Row()] * blank][:MOST_ROWS],
        "presets": [(preset, f"{page}?{compact(preset.query)}") for preset in PRESETS],
        "limited": any(asked.get(key, "").strip() for key in (*WRITTEN, "paliers")),
        "bare": f"{page}?{compact(bare)}#rules",
        "guarded": f"{page}?{compact(guarded)}#rules",
        "most_letters": MOST_LETTERS,
    }
