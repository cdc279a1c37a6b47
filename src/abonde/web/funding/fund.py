"""The fund of a round, as its host and its funders see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonde.funds.actions import add_pot, edit_pot, open_fund
from abonde.funds.models import Agreement, AgreementState, Pot
from abonde.funds.queries import GROWING, agreements_of, fund_of, fund_total, pots_with_money
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Role
from abonde.rounds.models import Party, Round
from abonde.rounds.queries import invitations_of, rounds_of_host
from abonde.rounds.states import State
from abonde.web.funding.brought import columns, with_money
from abonde.web.funding.forms import PotForm
from abonde.web.listing import Listing
from abonde.web.projects.places import name_of
from abonde.web.rounds.entering import is_host, round_of_trio
from abonde.web.rounds.showing import STATES, on_the_way, trail
from abonde.web.rounds.standing import WITH_RESULTS, liveliest
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_safe
@agent_required()
def funds(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """The funds of a host's rounds, or those to which a funder brings money."""
    if is_host(request):
        found = list(rounds_of_host(request.organisation).exclude(state=State.CANCELLED))
    else:
        accepted = invitations_of(request.organisation).filter(accepted_at__isnull=False)
        found = [party.round for party in accepted]
    funder = None if is_host(request) else request.organisation
    return render(
        request,
        "funding/funds.html",
        {
            "rounds": [
                {
                    "round": one,
                    "state": STATES[State(one.state)],
                    "amount": _signed(agreements_of(one, funder=funder)),
                    "has_statement": funder is not None and one.state in {*WITH_RESULTS, State.ARCHIVED},
                }
                for one in sorted(found, key=liveliest)
            ],
            "is_host": funder is None,
        },
    )


@require_safe
@agent_required()
def fund(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Pots, what was promised for them, and what has come in; a funder sees its own agreements."""
    round_, party = entered(request, round_slug)
    funder = None if party is None else request.organisation
    role = request.role
    is_draft = party is None and round_.state == State.DRAFT
    found = with_money(agreements_of(round_, funder=funder))
    listing = Listing(request, found, columns(org, round_), usual="-amount", name=f"{round_slug}-agreements")
    if listing.is_file:
        return listing.file()
    context: dict[str, Any] = {
        "round": round_,
        "fund": fund_of(round_),
        "own": _signed(found) if funder else 0,
        "total": fund_total(round_),
        "pots": [{"money": one, "earmark": earmark_of(one.pot)} for one in pots_with_money(round_)],
        "agreements": found if funder else listing.page,
        "listing": listing,
        "is_host": party is None,
        "growing": round_.state in GROWING,
        "may_keep": party is None and role in {Role.MANAGER, Role.TREASURER},
        "may_propose": role == Role.MANAGER or (party is None and role == Role.TREASURER),
        **(on_the_way(request, round_, "fund") if is_draft else {}),
        "trail": trail(request, round_),
    }
    return render(request, "funding/fund.html", context)


@require_POST
@agent_required(Role.TREASURER)
def open_it(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Open the fund and its book."""
    round_ = host_round(request, round_slug)
    try:
        open_fund(person=request.user, round=round_)
    except Refusal as refusal:
        told(request, refusal)
    else:
        messages.success(request, _("The fund is open. Add its first pot."))
    return redirect("fund", org, round_slug)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def new_pot(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Add a pot."""
    round_ = host_round(request, round_slug)
    opened = fund_of(round_)
    if opened is None:
        return redirect("fund", org, round_slug)
    form = PotForm(request.POST or None, round=round_)
    if request.method == "POST" and form.is_valid():
        try:
            add_pot(person=request.user, fund=opened, **form.cleaned_data)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("The pot is there."))
            return redirect("fund", org, round_slug)
    return render(
        request,
        "funding/new_pot.html",
        {
            "round": round_,
            "form": form,
            "trail": [*trail(request, round_), (_("Fund"), reverse("fund", args=[org, round_slug]))],
        },
    )


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def one_pot(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """Change the name of a pot, or what it is kept for."""
    round_ = host_round(request, round_slug)
    row = get_object_or_404(Pot, pk=pk, fund__round=round_)
    form = PotForm(request.POST or None, round=round_, pot=row)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            edit_pot(
                person=request.user,
                pot_id=row.pk,
                seen=given["version"],
                name=given["name"],
                challenge=given["challenge"],
                place=given["place"],
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Saved."))
            return redirect("fund", org, round_slug)
    context = {
        "round": round_,
        "pot": row,
        "form": form,
        "trail": [*trail(request, round_), (_("Fund"), reverse("fund", args=[org, round_slug]))],
    }
    return render(request, "funding/new_pot.html", context)


def entered(request: AgentRequest, slug: str) -> tuple[Round, Party | None]:
    """The round for its host, or for a funder that has accepted. Raises Http404 for others."""
    round_, party = round_of_trio(request, slug)
    if party is not None and (request.organisation.kind != Kind.FUNDER or party.accepted_at is None):
        raise Http404
    return round_, party


def earmark_of(pot: Pot) -> str:
    """What the pot is kept for, in words."""
    if pot.challenge and pot.place:
        return _("{challenge}, in {place}").format(challenge=pot.challenge.name, place=name_of(pot.place))
    if pot.challenge:
        return pot.challenge.name
    if pot.place:
        return _("projects in {place}").format(place=name_of(pot.place))
    return _("every project")


def _signed(agreements: Iterable[Agreement]) -> int:
    """What is promised with a signature, in cents."""
    return sum(one.amount for one in agreements if one.state == AgreementState.SIGNED)
