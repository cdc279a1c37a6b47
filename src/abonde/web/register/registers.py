"""The registers of a certifier, opening one, and what is in it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Role
from abonde.register.actions import open_register
from abonde.register.models import Register, Strategy
from abonde.register.queries import imports_of, registers_of
from abonde.register.states import OPEN
from abonde.web.register.forms import BringForm, OpenForm
from abonde.web.register.words import STATES, STRATEGIES
from abonde.web.workspaces import AgentRequest, agent_required, told

MAY_IMPORT = frozenset({Role.MANAGER, Role.REGISTRAR})


@require_safe
@agent_required()
def registers(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """Every register that the certifier or the host answers for; funders have no such room (404)."""
    is_certifier = request.organisation.kind == Kind.CERTIFIER
    if not is_certifier and request.organisation.kind != Kind.HOST:
        raise Http404
    rows = [(one, STRATEGIES[one.strategy]) for one in registers_of(request.organisation)]
    context = {
        "registers": rows,
        "is_certifier": is_certifier,
        "may_open": is_certifier and request.role == Role.MANAGER,
    }
    return render(request, "register/registers.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def open_one(request: AgentRequest, org: str) -> HttpResponse:
    """Open a certified register."""
    require_certifier(request)
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = open_register(
                person=request.user,
                organisation=request.organisation,
                strategy=Strategy.CERTIFIED,
                name=form.cleaned_data["name"],
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("The register is open. Now bring the file of your inhabitants."))
            return redirect("register", org, made.pk)
    return render(request, "register/open.html", {"form": form})


@require_safe
@agent_required()
def register(request: AgentRequest, org: str, register: int) -> HttpResponse:  # noqa: ARG001
    """What is in a register, what was brought to it, and the way to bring more."""
    return page_of(request, get_object_or_404(registers_of(request.organisation), pk=register), BringForm())


def require_certifier(request: AgentRequest) -> None:
    """Raises Http404 in the workspace of any other organisation."""
    if request.organisation.kind != Kind.CERTIFIER:
        raise Http404


def page_of(request: AgentRequest, found: Register, form: BringForm) -> HttpResponse:
    """The page of a register, with the form for its file."""
    imports = [(one, *STATES[one.state]) for one in imports_of(found)]
    context = {
        "register": found,
        "strategy": STRATEGIES[found.strategy],
        "is_certified": found.strategy == Strategy.CERTIFIED,
        "issuers": found.issuers.order_by("label", "pk"),
        "imports": imports,
        "under_way": next((one for one, *_words in imports if one.state in OPEN), None),
        "may_import": request.role in MAY_IMPORT,
        "form": form,
    }
    return render(request, "register/register.html", context)
