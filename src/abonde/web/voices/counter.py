"""The counter: look somebody up, certify the account on their screen, print a slip, or add them.

What is typed comes back on the same page and is stored nowhere; which entry is meant travels in a signed token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.register.codes import GOOD_FOR, grouped
from abonde.register.counter import certify, look_up, move_voice, propose, slip
from abonde.register.identity import Pivot, given_names
from abonde.register.models import Certificate, Entry, Register, Strategy
from abonde.register.queries import registers_of
from abonde.web.register.registers import require_certifier
from abonde.web.voices.births import in_words
from abonde.web.voices.forms import AddForm, MoveForm, NumberForm, PivotForm
from abonde.web.workspaces import AgentRequest, Link, agent_required, told

SALT: Final = "abonde.counter"
TOKEN_GOOD_FOR: Final = 15 * 60
"""Seconds for which an entry that was looked up may be acted upon."""


def links(organisation: Organisation, role: Role) -> list[Link]:
    """The counter, for those who stand at it."""
    if organisation.kind != Kind.CERTIFIER or role not in {Role.MANAGER, Role.REGISTRAR}:
        return []
    return [Link(_("Counter"), reverse("counter", args=[organisation.slug]))]


@require_safe
@agent_required(Role.REGISTRAR)
def counter(request: AgentRequest, org: str) -> HttpResponse:
    """Choose the register; the only one opens at once."""
    require_certifier(request)
    registers = list(registers_of(request.organisation).filter(strategy=Strategy.CERTIFIED))
    if len(registers) == 1:
        return redirect("counter-search", org, registers[0].pk)
    return render(request, "voices/registers.html", {"registers": registers})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def search(request: AgentRequest, org: str, register: int) -> HttpResponse:  # noqa: ARG001
    """Look somebody up."""
    return _page(request, _register(request, register), PivotForm(request.POST or None))


@never_cache
@require_POST
@agent_required(Role.REGISTRAR)
def certify_account(request: AgentRequest, org: str, register: int) -> HttpResponse:
    """Give the voice to the account whose number is typed."""
    found, form = _register(request, register), NumberForm(request.POST)
    if form.is_valid():
        try:
            certify(person=request.user, entry=_entry(request, found), number=form.cleaned_data["number"])
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request, _("Done: the person’s voice counts now. Their screen says so in a moment.")
            )
            return redirect("counter-search", org, register)
    return _page(request, found, PivotForm(request.POST), number=form)


@never_cache
@require_POST
@agent_required(Role.REGISTRAR)
def move(request: AgentRequest, org: str, register: int) -> HttpResponse:
    """Give a claimed voice to another account of the person who stands here."""
    found, form = _register(request, register), MoveForm(request.POST)
    if form.is_valid():
        try:
            move_voice(person=request.user, entry=_entry(request, found), **form.cleaned_data)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request, _("Done: the voice is this account’s now, and the former one has it no more.")
            )
            return redirect("counter-search", org, register)
    return _page(request, found, PivotForm(request.POST), moving=form)


@never_cache
@require_POST
@agent_required(Role.REGISTRAR)
def print_slip(request: AgentRequest, org: str, register: int) -> HttpResponse:
    """A slip with a code, to be printed and handed out; it is shown this once."""
    found = _register(request, register)
    try:
        code = slip(person=request.user, entry=_entry(request, found))
    except Refusal as refusal:
        told(request, refusal)
        return redirect("counter-search", org, register)
    context = {
        "register": found,
        "code": grouped(code),
        "days": GOOD_FOR.days,
        "address": f"{settings.PUBLIC_URL}{reverse('my-voice-code')}",
    }
    return render(request, "voices/slip.html", context)


@never_cache
@require_POST
@agent_required(Role.REGISTRAR)
def add(request: AgentRequest, org: str, register: int) -> HttpResponse:
    """Add somebody who is not in the register, or propose it to a colleague."""
    found, who, why = _register(request, register), PivotForm(request.POST), AddForm(request.POST)
    if who.is_valid() and who.pivot is not None and why.is_valid():
        try:
            made = propose(person=request.user, register=found, pivot=who.pivot, **why.cleaned_data)
        except Refusal as refusal:
            told(request, refusal, why)
        else:
            if made.entry_id is None:
                messages.success(
                    request, _("A colleague has to confirm it now, at the counter under “To confirm”.")
                )
                return redirect("counter-search", org, register)
            messages.success(
                request, _("The person is in the register now: certify their account, or print a slip.")
            )
            return _page(request, found, PivotForm(request.POST))
    return _page(request, found, who, add=why)


def _page(  # noqa: PLR0913  (each form that may come back)
    request: AgentRequest,
    found: Register,
    form: PivotForm,
    *,
    number: NumberForm | None = None,
    add: AddForm | None = None,
    moving: MoveForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"register": found, "form": form, "searched": False, "number": number}
    if form.is_bound and form.is_valid() and form.pivot is not None:
        try:
            seen = look_up(person=request.user, register=found, pivot=form.pivot)
            if seen.exact:  # who was found stands above, and is read first
                form.fields["birth_name"].widget.attrs.pop("autofocus", None)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            context |= {
                "searched": True,
                "typed": form.cleaned_data,
                "exact": [_row(request, form.pivot, entry, seen.claimed) for entry in seen.exact],
                "near": [
                    {**_row(request, pivot, entry, seen.claimed), "elsewhere": pivot == form.pivot}
                    for pivot, entry in seen.near
                ],
                "number": number or NumberForm(auto_id="found-%s"),
                "add": add or AddForm(),
                "adding": add is not None,
                "move": moving or MoveForm(),
                "moving": moving is not None,
            }
    return render(request, "voices/counter.html", context)


def _row(
    request: AgentRequest, pivot: Pivot, entry: Entry, claimed: Mapping[int, Certificate]
) -> dict[str, Any]:
    """An entry as the page shows it: the register itself keeps no name, so it is shown as it was, or would be, typed."""
    return {
        "name": capfirst(pivot.birth_name),
        "given": capfirst(given_names(pivot.given_names)[0]),
        "born": in_words(pivot.birthdate),
        "group": entry.group,
        "has_place": bool(entry.place_key),
        "claimed": entry.pk in claimed,
        "last": claimed.get(entry.pk),
        "token": signing.dumps([entry.pk, str(request.user.pk)], salt=SALT),
    }


def _entry(request: AgentRequest, found: Register) -> Entry:
    """The entry that was looked up. Raises Refusal for a token that is over, or another's."""
    try:
        number, person = signing.loads(request.POST.get("entry", ""), salt=SALT, max_age=TOKEN_GOOD_FOR)
    except signing.BadSignature:
        raise Refusal("This search is over: look the person up once more.") from None
    if person != str(request.user.pk):
        raise Refusal("This search is over: look the person up once more.")
    return get_object_or_404(Entry.objects.select_related("register__owner"), pk=number, register=found)


def _register(request: AgentRequest, register: int) -> Register:
    return get_object_or_404(
        registers_of(request.organisation).filter(strategy=Strategy.CERTIFIED).select_related("owner"),
        pk=register,
    )
