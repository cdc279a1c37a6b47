"""The basket: what one means to give in a round, and what the fund would add to it today."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from abonde.core.prepared import prepared
from abonde.giving.actions import put_in_basket, take_out
from abonde.giving.models import Basket, BasketLine
from abonde.giving.queries import basket_lines, effects_of, estimate_of
from abonde.giving.voices import voice_counts_in
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.queries import is_open_for_gifts
from abonde.rounds.states import PUBLIC
from abonde.rounds.states import State as RoundState
from abonde.web.drawing.weighing import LARGE_GIFT
from abonde.web.giving.forms import AmountForm, as_written, written_amount
from abonde.web.giving.visiting import basket_to_fill, present_basket, public_round, visitor
from abonde.web.pieces import is_piece
from abonde.web.workspaces import told

BAR: Final = 1000
THINNEST: Final = 20
"""The length of the drawing of a line, and of the least that it shows."""

SMALLEST_DRAWN: Final = 100
"""Cents: the drawing of the idea takes gifts from here on."""


@dataclass(frozen=True, slots=True)
class Row:
    """A project in the basket: cents to give, and the form that changes it.

    `added` is what the fund would add today because of this line, `together` how its project moves with all lines (cents);
    `unforeseen` where nobody can say; `supporters` are the people who count so far; `awaited` is how many the fund waits for, 0 once they are there.
    """

    project: Project
    form: AmountForm
    amount: int | None = None
    added: int = 0
    together: int = 0
    unforeseen: bool = False
    supporters: int = 0
    awaited: int = 0

    @property
    def bar(self) -> tuple[str, str]:
        """How much of a bar of 1000 the gift takes, and what the fund adds; each is seen, however small."""
        given = self.amount or 0
        part = round(BAR * given / max(given + self.added, 1))
        part = min(max(part, THINNEST), BAR - THINNEST)
        return str(part), str(BAR - part)

    @property
    def withdrawn(self) -> bool:
        """Whether the project takes no gifts any more."""
        return self.project.state != State.SELECTED


@never_cache
@require_safe
@gzip_page
def show(request: HttpRequest, round_slug: str) -> HttpResponse:
    """The basket of the round."""
    found = public_round(round_slug)
    return _page(request, found, present_basket(request, found))


@never_cache
def put(request: HttpRequest, round_slug: str, slug: str) -> HttpResponse:
    """Put a project in, or change its amount; what is refused stays in its field.

    A page that asks for a piece (htmx) stays where it is: a project's hears what the basket holds, the basket's own
    changes. Others go on to the basket.
    """
    if request.method != "POST":  # a page with a refusal was opened again by its address
        return redirect("basket", round_slug)
    project = _chosen.first(round_slug, slug)
    if project is None:
        raise Http404
    found = project.round
    form = AmountForm(found, project, written_amount(request.POST))
    if form.is_valid():
        basket = basket_to_fill(request, found)
        try:
            put_in_basket(basket=basket, project=project, amount=form.cleaned_data["amount"])
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            return _put(request, basket, project, form.cleaned_data["amount"])
    found = public_round(round_slug)
    response = _page(request, found, present_basket(request, found), wrong=form)
    if is_piece(request) and not _is_from_basket(
        request
    ):  # its page says what is wrong, and keeps what was typed
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML show:top"
    return response


def _put(request: HttpRequest, basket: Basket, project: Project, cents: Cents) -> HttpResponse:
    if _is_from_basket(request):
        return _page(request, public_round(project.round.slug), basket)
    if not is_piece(request):
        messages.success(request, _("{project} is in your basket.").format(project=project.name))
        return redirect("basket", project.round.slug)
    number, total = _held.get(basket.pk)
    held = {"number": number, "cents": total}
    context = {"round": project.round, "project": project, "cents": cents, "held": held}
    return render(request, "giving/put.html", context)


@require_POST
def take(request: HttpRequest, round_slug: str, slug: str) -> HttpResponse:
    """Take a project out; the next page offers to put it back."""
    found = public_round(round_slug)
    project = get_object_or_404(_public_projects(round_slug), slug=slug)
    basket = present_basket(request, found)
    line = BasketLine.objects.filter(basket=basket, project=project).first() if basket else None
    address = reverse("basket", args=[round_slug])
    if basket is None or line is None:
        return redirect(address)
    take_out(basket=basket, project=project)
    if _is_from_basket(request):
        return _page(request, found, basket, taken=(project, line.amount))
    return redirect(f"{address}?{urlencode({'retire': project.slug, 'montant': line.amount})}")


def _is_from_basket(request: HttpRequest) -> bool:
    """Whether the basket's page stays where it is and asks for what has changed in it."""
    asked: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(asked and asked.target == "basket" and is_piece(request))


def _public_projects(round_slug: str) -> QuerySet[Project]:
    """The projects of a public round that are, or were, public themselves; their stories stay in the database."""
    shown = Project.objects.filter(round__slug=round_slug, round__state__in=PUBLIC, selected_at__isnull=False)
    return shown.filter(state__in=[State.SELECTED, State.WITHDRAWN]).defer("story", "ties")


@prepared
def _chosen(round_slug: str, slug: str) -> QuerySet[Project]:
    return _public_projects(round_slug).filter(slug=slug).select_related("round")


@prepared
def _held(basket: UUID) -> QuerySet[Basket, tuple[int, int]]:
    counted = Basket.objects.filter(pk=basket).annotate(number=Count("lines"), cents=Sum("lines__amount"))
    return counted.values_list("number", "cents")


def _page(
    request: HttpRequest,
    found: Round,
    basket: Basket | None,
    *,
    wrong: AmountForm | None = None,
    taken: tuple[Project, int] | None = None,
) -> HttpResponse:
    person, lines = visitor(request), basket_lines(basket)
    is_open = is_open_for_gifts(found, found.read_at)  # type: ignore[attr-defined]  # annotated by round_of
    forms = {row: AmountForm(found, row, cents=cents) for row, cents in lines.items()}
    if wrong and wrong.project in forms:
        forms[wrong.project] = wrong
    if lines and is_open:
        rows = _estimated(found, lines, person, forms)
    else:
        rows = [Row(row, forms[row], cents) for row, cents in lines.items()]
    if wrong and wrong.project not in lines:
        rows.insert(0, Row(wrong.project, wrong))
    stays = _is_from_basket(request)
    too_early = found.state in {RoundState.APPLICATIONS, RoundState.SELECTION}
    context = {
        "round": found,
        "basket": basket,
        "rows": rows,
        "is_open": is_open,
        "too_early": too_early,
        "has_voice": voice_counts_in(found, person),
        "total": sum(row.amount or 0 for row in rows if not row.withdrawn),
        "total_added": max(sum(row.together for row in rows), 0),
        "estimated": any(row.added for row in rows),
        "shared": sum(row.together for row in rows) < sum(row.added for row in rows),
        "withdrawn": [row for row in rows if row.withdrawn],
        "form": wrong,
        "taken_out": (taken or _taken_out(request, found, lines)) if is_open else None,
        "stays": stays,
        "drawn_gift": as_written(min(max(next(iter(lines.values()), 0), SMALLEST_DRAWN), LARGE_GIFT)),
    }
    # Giving to a round that is over is gone for good (410), and its page says so. To htmx only a good answer is one.
    is_over = not (is_open or too_early or is_piece(request))
    return render(
        request,
        "giving/held.html" if stays else "giving/basket.html",
        context,
        status=HTTPStatus.GONE if is_over else HTTPStatus.OK,
    )


def _estimated(
    found: Round, lines: dict[Project, int], person: Person | None, forms: dict[Project, AmountForm]
) -> list[Row]:
    """The lines with what each would bring today."""
    estimate = estimate_of(found)
    least = estimate.allocation.rules.min_supporters or 0
    rows = []
    for effect in effects_of(found, lines, person, estimate):
        tally = estimate.allocation.tally.get(effect.project.key)
        supporters = tally.persons if tally else 0
        rows.append(
            Row(
                effect.project,
                forms[effect.project],
                effect.amount,
                added=max(effect.added or 0, 0),
                together=effect.together or 0,
                unforeseen=effect.added is None,
                supporters=supporters,
                awaited=least if supporters < least else 0,
            )
        )
    return rows


def _taken_out(request: HttpRequest, found: Round, lines: dict[Project, int]) -> tuple[Project, int] | None:
    """The project that was just taken out and its cents, as the address says: what a click would put back."""
    slug, cents = request.GET.get("retire", ""), request.GET.get("montant", "")
    if (
        not slug
        or "\0" in slug
        or not (cents.isascii() and cents.isdigit() and len(cents) <= len("100000000"))
    ):
        return None
    project = Project.objects.filter(round=found, slug=slug, state=State.SELECTED).first()
    return (project, int(cents)) if project and project not in lines else None
