"""A file on its way into a register: described, read, compared, confirmed or discarded. One page follows it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.register.faults import SENTENCES
from abonde.register.identity import given_names
from abonde.register.importing import (
    bring_file,
    confirm_import,
    describe_file,
    discard_import,
    name_columns,
    resume_import,
)
from abonde.register.importing_layout import Layout
from abonde.register.importing_showing import bad_rows, preview, understood
from abonde.register.models import Import, Register
from abonde.register.queries import registers_of
from abonde.register.states import DISCARDABLE, State
from abonde.web.pieces import Underway, how_far
from abonde.web.register.forms import BringForm, LayoutForm, guessed
from abonde.web.register.receiving import Sealing
from abonde.web.register.registers import page_of
from abonde.web.register.words import COUNTS, STATES, rows_read
from abonde.web.voices.births import in_words
from abonde.web.wording import number as written
from abonde.web.workspaces import AgentRequest, agent_required, told

BAD_ROWS_SHOWN: Final = 20
ALWAYS: Final = frozenset({"new", "unchanged", "gone"})
"""The counts that are shown even where they are 0."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@csrf_exempt  # _brought checks the token, once the file is received by a handler of our own
@require_POST
@agent_required(Role.REGISTRAR)
def bring(request: AgentRequest, org: str, register: int) -> HttpResponseBase:
    """Take the certifier's file in; no part of it is ever written down in clear."""
    found = _register(request, register)
    request.upload_handlers = [Sealing(request)]
    return _brought(request, org, found)


@csrf_protect
def _brought(request: AgentRequest, org: str, found: Register) -> HttpResponse:
    form = BringForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = bring_file(person=request.user, register=found, pieces=form.cleaned_data["file"].pieces)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            return redirect("register-import", org, found.pk, made.pk)
    return page_of(request, found, form)


@never_cache  # its first rows have names
@require_http_methods(["GET", "POST"])
@agent_required(Role.REGISTRAR)
def show(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Where the file stands, and what is next."""
    underway = _import(request, register, number)
    work = _work(underway)
    if (bar := how_far(request, work)) is not None:
        return bar
    match State(underway.state):
        case State.UPLOADED:
            return _describe(request, org, underway)
        case State.READING | State.APPLYING:
            return render(request, "register/progress.html", {**_standing(underway), "underway": work})
        case State.COMPARED:
            if request.method == "POST" or "colonnes" in request.GET:
                return _describe(request, org, underway)
            return render(request, "register/compared.html", _compared(underway))
        case _:
            return render(request, "register/ended.html", _compared(underway))


@require_http_methods(["GET", "POST"])
@agent_required(Role.REGISTRAR)
def confirm(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Say what will be written, then have it written."""
    underway = _import(request, register, number)
    back = reverse("register-import", args=[org, register, number])
    if request.method == "POST":
        try:
            confirm_import(person=request.user, import_id=underway.pk)
        except Refusal as refusal:
            told(request, refusal)
        return redirect(back)
    if underway.state != State.COMPARED:
        return redirect(back)
    context = {
        "title": _("Bring {register} up to date?").format(register=underway.register.name),
        "sentence": _("The register will be as the file has it: all of it, or nothing if anything fails."),
        "consequences": _consequences(underway.counts),
        "action": _("Write the register"),
        "cancel_url": back,
        "dangerous": bool(underway.counts.get("gone")),
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.REGISTRAR)
def discard(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Drop the file before it changes anything."""
    underway = _import(request, register, number)
    if request.method == "POST":
        try:
            discard_import(person=request.user, import_id=underway.pk)
        except Refusal as refusal:
            told(request, refusal)
            return redirect("register-import", org, register, number)
        messages.success(request, _("The file is discarded, and nothing of it is kept."))
        return redirect("register", org, register)
    context = {
        "title": _("Discard this file?"),
        "sentence": _("Nothing of it is kept, and the register stays as it is."),
        "consequences": [_("To import it after all, bring it again.")],
        "action": _("Discard the file"),
        "cancel_url": reverse("register-import", args=[org, register, number]),
    }
    return render(request, "components/confirm.html", context)


@require_POST
@agent_required(Role.REGISTRAR)
def resume(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Ask once more for what takes too long."""
    try:
        resume_import(person=request.user, import_id=_import(request, register, number).pk)
    except Refusal as refusal:
        told(request, refusal)
    return redirect("register-import", org, register, number)


@require_safe
@agent_required(Role.REGISTRAR)
def faults(request: AgentRequest, org: str, register: int, number: int) -> StreamingHttpResponse:  # noqa: ARG001
    """The rows that cannot be used, as CSV: number, what is wrong, and what stands there while the file is here."""
    underway = _import(request, register, number)
    response = StreamingHttpResponse(_fault_lines(underway), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="lignes-{underway.pk}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _describe(request: AgentRequest, org: str, underway: Import) -> HttpResponse:
    """Name the columns, or look at the file in another writing first."""
    layout, rows, problem = Layout.from_json(underway.layout), [], None
    try:
        rows = preview(underway)
    except Refusal as refusal:
        problem = refusal
    form = LayoutForm(request.POST or None, layout=layout, rows=rows)
    if request.method == "POST":
        if (done := _described(request, underway, form)) is not None:
            return (
                redirect("register-import", org, underway.register_id, underway.pk)
                if done
                else redirect(
                    f"{reverse('register-import', args=[org, underway.register_id, underway.pk])}?colonnes=1"
                )
            )
    elif problem is not None:
        told(request, problem)
    context = {**_standing(underway), "form": form, "rows": rows, "layout": layout}
    return render(request, "register/describe.html", context)


def _described(request: AgentRequest, underway: Import, form: LayoutForm) -> bool | None:
    """True once the file is being read, False once it is seen anew, None where something is to be mended."""
    try:
        if "look" in request.POST:
            seen = describe_file(person=request.user, import_id=underway.pk, layout=form.look())
            if form.look() != form.layout:
                again = guessed(Layout.from_json(seen.layout), preview(seen))
                describe_file(person=request.user, import_id=underway.pk, layout=again)
            return False
        if form.is_valid():
            name_columns(person=request.user, import_id=underway.pk, layout=form.complete())
            return True
    except Refusal as refusal:
        told(request, refusal, form)
    return None


def _standing(underway: Import) -> dict[str, Any]:
    word, tone = STATES[underway.state]
    return {
        "import": underway,
        "register": underway.register,
        "state": {"label": word, "tone": tone},
        "may_discard": underway.state in DISCARDABLE,
    }


def _work(underway: Import) -> Underway | None:
    match State(underway.state):
        case State.READING:
            return rows_read(underway.rows_read, underway.rows_total)
        case State.APPLYING:  # one transaction: nobody can see how far it is
            return Underway(_("Writing the register"))
        case _:
            return None


def _compared(underway: Import) -> dict[str, Any]:
    counts = underway.counts
    bad = list(bad_rows(underway, most=BAD_ROWS_SHOWN))
    by_reason: dict[str, list[str]] = {}
    for row, fault, _cells in bad:
        by_reason.setdefault(_(SENTENCES[fault]), []).append(str(row))  # as a spreadsheet writes it
    return {
        **_standing(underway),
        "counts": [
            (word, counts[name])
            for name, word in COUNTS.items()
            if counts.get(name) or name in counts.keys() & ALWAYS
        ],
        "numbers": counts,
        "bad": list(by_reason.items()),
        "more_bad": max(counts.get("bad", 0) - len(bad), 0),
        "understood": _understood(underway),
        "changes_nothing": not any(counts.get(name) for name in ("new", "changed", "returned", "gone")),
        "failure": _(underway.failure) if underway.failure else "",
    }


def _understood(underway: Import) -> list[dict[str, Any]]:
    if underway.state != State.COMPARED:
        return []
    return [
        {
            "number": one.number,
            "pivot": one.pivot,
            "first_name": given_names(one.pivot.given_names)[0] if one.pivot else "",
            "born": in_words(one.pivot.birthdate) if one.pivot else "",
            "group": one.group,
            "fault": _(one.fault) if one.fault else "",
        }
        for one in understood(underway)
    ]


def _consequences(counts: dict[str, int]) -> list[str]:
    """What confirming does, in sentences; what does not happen is not said."""
    new, changed = counts.get("new", 0), counts.get("changed", 0) + counts.get("returned", 0)
    gone, voices, bad = (counts.get(name, 0) for name in ("gone", "gone_with_voice", "bad"))
    said = [
        (
            new,
            ngettext(
                "{number} person is added and can claim their voice.",
                "{number} people are added and can claim their voice.",
                new,
            ),
        ),
        (
            changed,
            ngettext(
                "{number} entry is brought up to date.", "{number} entries are brought up to date.", changed
            ),
        ),
        (
            gone,
            ngettext(
                "{number} entry is no longer in the file: it is marked as gone, and can no longer be claimed.",
                "{number} entries are no longer in the file: they are marked as gone, and can no longer be claimed.",
                gone,
            ),
        ),
        (
            voices,
            ngettext(
                "{number} of those gone has a voice. It stays: taking it back is a decision of its own.",
                "{number} of those gone have a voice. These stay: taking them back is a decision of its own.",
                voices,
            ),
        ),
        (
            bad,
            ngettext(
                "{number} row cannot be used. Who stands there is left out, and counts as gone if they were in the register: mend the file first if you can.",
                "{number} rows cannot be used. Who stands there is left out, and counts as gone if they were in the register: mend the file first if you can.",
                bad,
            ),
        ),
    ]
    sentences = [sentence.format(number=written(number)) for number, sentence in said if number]
    return [*sentences, _("The file is deleted. Only fingerprints stay, from which no name can be read.")]


def _fault_lines(underway: Import) -> Iterator[str]:
    yield "\ufeff"  # by which spreadsheets know UTF-8
    writer = csv.writer(_Line(), delimiter=";")
    yield writer.writerow([_("row"), _("what is wrong")])
    for row, fault, cells in bad_rows(underway):
        yield writer.writerow([row, _(SENTENCES[fault]), *_harmless(cells)])


def _harmless(cells: Sequence[str]) -> Iterator[str]:
    return (f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)


class _Line:
    """What csv writes to, to get each line back."""

    def write(self, line: str) -> str:
        return line


def _register(request: AgentRequest, register: int) -> Register:
    return get_object_or_404(registers_of(request.organisation), pk=register)


def _import(request: AgentRequest, register: int, number: int) -> Import:
    rows = Import.objects.filter(register=register, register__owner=request.organisation)
    return get_object_or_404(rows.select_related("register__owner"), pk=number)
