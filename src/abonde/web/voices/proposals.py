"""Whom a colleague wants to add: confirmed or declined by a second official."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.register.counter import ask_two_officials, decide
from abonde.register.models import Proposal, Strategy
from abonde.register.queries import registers_of
from abonde.web.workspaces import AgentRequest, Waiting, agent_required, told


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def proposals(request: AgentRequest, org: str) -> HttpResponse:
    """What waits for a second official; a manager says whether one is asked for."""
    registers = registers_of(request.organisation).filter(strategy=Strategy.CERTIFIED)
    if request.method == "POST":
        found = get_object_or_404(registers, pk=_number(request.POST.get("register")))
        try:
            ask_two_officials(person=request.user, register=found, two="two" in request.POST)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("Saved."))
        return redirect("counter-proposals", org)
    context = {
        "proposals": _open(request.organisation),
        "registers": registers,
        "is_manager": request.role == Role.MANAGER,
    }
    return render(request, "voices/proposals.html", context)


@require_POST
@agent_required(Role.REGISTRAR)
def decide_one(request: AgentRequest, org: str, proposal: int) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """Confirm it."""
    return _decided(request, _proposal(request, proposal), accept=True)


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def decline(request: AgentRequest, org: str, proposal: int) -> HttpResponse:
    """Decline it, once confirmed."""
    found = _proposal(request, proposal)
    if request.method == "POST":
        return _decided(request, found, accept=False)
    if found.decided_at is not None:
        return redirect("counter-proposals", org)
    context = {
        "title": _("Decline to add this person?"),
        "sentence": found.reason,
        "consequences": [
            _("The person is not added to {register}.").format(register=found.register),
            _("To add them after all, an official looks them up at the counter again."),
        ],
        "action": _("Do not add the person"),
        "cancel_url": reverse("counter-proposals", args=[org]),
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


def _proposal(request: AgentRequest, proposal: int) -> Proposal:
    mine = Proposal.objects.filter(register__owner=request.organisation)
    return get_object_or_404(mine.select_related("register__owner"), pk=proposal)


def _decided(request: AgentRequest, found: Proposal, *, accept: bool) -> HttpResponse:
    try:
        decide(person=request.user, proposal=found, accept=accept)
    except Refusal as refusal:
        told(request, refusal)
    else:
        said = _("The person is in the register now.") if accept else _("Declined: the person is not added.")
        messages.success(request, said)
    return redirect("counter-proposals", request.organisation.slug)


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """What colleagues have proposed."""
    if organisation.kind != Kind.CERTIFIER or role_of(person, organisation) not in {
        Role.MANAGER,
        Role.REGISTRAR,
    }:
        return []
    number = _open(organisation).exclude(person=person).count()
    if not number:
        return []
    text = ngettext(
        "{number} person is to be added to the register: confirm or decline it.",
        "{number} people are to be added to the register: confirm or decline it.",
        number,
    )
    return [Waiting(text.format(number=number), reverse("counter-proposals", args=[organisation.slug]))]


def _open(organisation: Organisation) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(register__owner=organisation, decided_at=None)
    return rows.select_related("register", "person").order_by("proposed_at")


def _number(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdecimal() and len(written) < 19 else 0  # noqa: PLR2004  bigint
