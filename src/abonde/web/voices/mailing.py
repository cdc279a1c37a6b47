"""Letters with codes go out: where they stand, their files for a printer, and how they are deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.register.mailing import KEPT, discard_mailing, letters_of, list_of
from abonde.register.mailing_codes import fates_of
from abonde.register.models import Mailing, MailingPart, MailingState
from abonde.web.pieces import how_far
from abonde.web.register.words import rows_read
from abonde.web.voices.address_file import STATES, describe
from abonde.web.workspaces import AgentRequest, agent_required, told

COUNTS: Final[Mapping[str, Promise]] = {
    "letters": gettext_lazy("letters"),
    "claimed": gettext_lazy("voice claimed already"),
    "absent": gettext_lazy("not in the register"),
    "unclear": gettext_lazy("cannot be told apart"),
    "bad": gettext_lazy("rows that cannot be used"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def mailing(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Where the letters stand, and what is next."""
    found = mailing_of(request, register, number)
    is_writing = found.state == MailingState.WRITING
    underway = rows_read(found.rows_read, found.rows_total) if is_writing else None
    if (bar := how_far(request, underway)) is not None:
        return bar
    if found.state == MailingState.UPLOADED:
        return describe(request, org, found, _standing(found))
    positions = (
        found.pieces.filter(part=MailingPart.LETTERS).order_by("position").values_list("position", flat=True)
    )
    context = {
        **_standing(found),
        "underway": underway,
        "fates": fates_of(found),
        "counts": [(word, found.counts[name]) for name, word in COUNTS.items() if name in found.counts],
        "pdfs": list(enumerate(positions, start=1)) if found.state == MailingState.READY else [],
        "until": found.ended_at + KEPT if found.ended_at else None,
    }
    return render(request, "voices/mailing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def discard(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Drop the file and the letters."""
    found = mailing_of(request, register, number)
    back = reverse("mailing", args=[org, register, number])
    if request.method == "POST":
        try:
            discard_mailing(person=request.user, mailing_id=found.pk)
        except Refusal as refusal:
            told(request, refusal)
            return redirect(back)
        messages.success(request, _("Addresses and letters are deleted."))
        return redirect("mailings", org, register)
    context = {
        "title": _("Delete these letters?"),
        "sentence": _("The file of addresses and all letters made of it go at once."),
        "consequences": [
            _("Codes of letters that were sent stay good."),
            _("To write them again, bring the file again: people get fresh codes."),
        ],
        "action": _("Delete"),
        "cancel_url": back,
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


@require_safe
@agent_required(Role.REGISTRAR)
def addresses(request: AgentRequest, org: str, register: int, number: int) -> HttpResponseBase:  # noqa: ARG001
    """The list for a mail house."""
    found = _ready(request, register, number)
    response = StreamingHttpResponse(list_of(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="lettres-{found.pk}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@agent_required(Role.REGISTRAR)
def letters(request: AgentRequest, org: str, register: int, number: int, position: int) -> HttpResponse:  # noqa: ARG001
    """A PDF of letters, ready to print."""
    found = _ready(request, register, number)
    pdf = letters_of(found, position)
    if pdf is None:
        raise Http404
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="lettres-{found.pk}-{position}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _standing(found: Mailing) -> dict[str, Any]:
    word, tone = STATES[found.state]
    return {
        "mailing": found,
        "register": found.register,
        "state": {"label": word, "tone": tone},
        "may_discard": found.state in {MailingState.UPLOADED, MailingState.WRITING, MailingState.READY},
    }


def mailing_of(request: AgentRequest, register: int, number: int) -> Mailing:
    """A mailing of the organisation, or 404."""
    rows = Mailing.objects.filter(register=register, register__owner=request.organisation)
    return get_object_or_404(rows.select_related("register__owner"), pk=number)


def _ready(request: AgentRequest, register: int, number: int) -> Mailing:
    found = mailing_of(request, register, number)
    if found.state != MailingState.READY:
        raise Http404
    return found
