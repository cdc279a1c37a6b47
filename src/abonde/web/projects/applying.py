"""The application, part by part: written, looked at, handed in."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm, BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.core.clock import present_time
from abonde.core.editing import ChangedMeanwhile
from abonde.matching.refusal import Refusal
from abonde.projects import actions
from abonde.projects.applying import lacking
from abonde.projects.attaching import MOST
from abonde.projects.guards import takes_applications
from abonde.projects.models import AttachmentKind, LegalPerson, Project
from abonde.projects.rules import EDITABLE, Part
from abonde.projects.writing import Changes
from abonde.rounds.models import Round
from abonde.rounds.states import PUBLIC
from abonde.web.projects.entering import PersonRequest, holder_required
from abonde.web.projects.forms import (
    CommitmentsForm,
    FileForm,
    LegalForm,
    LineForm,
    Lines,
    NameForm,
    NeedsForm,
    PartForm,
    StoryForm,
)
from abonde.web.projects.places import written_point
from abonde.web.projects.showing import parts_of, story_context
from abonde.web.saving import Versioned, how_saved, is_saving, told_of
from abonde.web.wording import sentences
from abonde.web.workspaces import told

PARTS: Final = tuple(Part)


@login_required
def start(request: PersonRequest, round_slug: str) -> HttpResponse:
    """Begin an application."""
    found = get_object_or_404(Round.objects.select_related("host"), slug=round_slug, state__in=PUBLIC)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = actions.start_application(
                person=request.user, round=found, name=form.cleaned_data["name"]
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            return redirect("application-project", project.pk)
    context = {"round": found, "form": form, "open": takes_applications(found, present_time())}
    return render(request, "projects/start.html", context)


@holder_required
def story(request: PersonRequest, project: Project) -> HttpResponse:
    """Name, summary, place and story."""
    shown = {
        "name": project.name,
        "summary": project.summary,
        "challenge": project.challenge_id,
        "place": project.place,
        "point": written_point(project),
        "story": project.story,
        "version": project.version,
    }
    form = StoryForm(request.POST or None, initial=shown, project=project)
    return _saved(request, project, Part.PROJECT, form) or _part(
        request, project, Part.PROJECT, {"form": form}
    )


@holder_required
def pictures(request: PersonRequest, project: Project) -> HttpResponse:
    """The pictures, of which the first stands for the project: more of them, or another one first."""
    if "first" in request.POST:
        return _put_first(request, project)
    return _files(request, project, Part.PICTURES, AttachmentKind.IMAGE)


@holder_required
def budget(request: PersonRequest, project: Project) -> HttpResponse:
    """What the project needs, line by line."""
    shown = {
        "need_minimum": project.need_minimum,
        "need_ideal": project.need_ideal,
        "version": project.version,
    }
    written = [{"label": line.label, "amount": line.amount} for line in project.budget_lines.all()]
    form = NeedsForm(request.POST or None, initial=shown, capped=project.round.rules.cap_at_need)
    lines = Lines(request.POST or None, initial=written, prefix="lines")
    answer = _saved(request, project, Part.BUDGET, form, lines)
    return answer or _part(request, project, Part.BUDGET, {"form": form, "lines": lines})


@holder_required
def holder(request: PersonRequest, project: Project) -> HttpResponse:
    """The legal person and its account."""
    legal = LegalPerson.objects.filter(project=project).first() or LegalPerson(project=project)
    names = ("name", "form", "siret", "siren", "rna", "address", "iban", "account_name")
    shown = {name: getattr(legal, name) for name in names} | {"version": project.version}
    form = LegalForm(request.POST or None, initial=shown)
    return _saved(request, project, Part.HOLDER, form) or _part(request, project, Part.HOLDER, {"form": form})


@holder_required
def commitments(request: PersonRequest, project: Project) -> HttpResponse:
    """Licence, ties, and the documents that prove what is said."""
    if request.FILES or "title" in request.POST:
        return _files(request, project, Part.COMMITMENTS, AttachmentKind.DOCUMENT)
    form = _commitments_form(request, project)
    if (answer := _saved(request, project, Part.COMMITMENTS, form)) is not None:
        return answer
    more = {"form": form, "file_form": FileForm(picture=False), **_attached(project, AttachmentKind.DOCUMENT)}
    return _part(request, project, Part.COMMITMENTS, more)


@holder_required
def remove(request: PersonRequest, project: Project, file_pk: int) -> HttpResponse:
    """Remove a picture or a document, once confirmed."""
    attachment = get_object_or_404(project.attachments, pk=file_pk)
    part = Part.PICTURES if attachment.kind == AttachmentKind.IMAGE else Part.COMMITMENTS
    if request.method == "POST":
        try:
            actions.remove_attachment(person=request.user, project_id=project.pk, attachment_id=file_pk)
        except Refusal as refusal:
            told(request, refusal)
        return redirect(_address(part), project.pk)
    context = {
        "title": _("Remove this file?"),
        "sentence": attachment.title,
        "consequences": [_("The file is deleted; you can send it again.")],
        "action": _("Remove the file"),
        "dangerous": True,
        "cancel_url": reverse(_address(part), args=[project.pk]),
    }
    return render(request, "components/confirm.html", context)


@holder_required
def preview(request: PersonRequest, project: Project) -> HttpResponse:
    """The project as a citizen will see it."""
    lacks = lacking(project) if project.state in EDITABLE else []
    context = {
        **story_context(project),
        "round": project.round,
        "lacks": [(_address(lack.part), sentence) for lack in lacks for sentence in sentences(lack.refusal)],
        "editable": project.state in EDITABLE,
    }
    return render(request, "projects/preview.html", context)


@holder_required
def submit(request: PersonRequest, project: Project) -> HttpResponse:
    """Hand the application in, once confirmed."""
    if request.method == "POST":
        try:
            seen = int(request.POST.get("version", ""))
            actions.submit_application(person=request.user, project_id=project.pk, seen=seen)
        except actions.NotComplete:
            return redirect("application-preview", project.pk)  # which lists all that is lacking
        except Refusal as refusal:
            told(request, refusal)
            return redirect("application-preview", project.pk)
        except ValueError:
            raise Http404 from None
        messages.success(request, _("Your application has been handed in."))
        return redirect("my-project", project.pk)
    if project.state not in EDITABLE or lacking(project):
        return redirect("application-preview", project.pk)
    context = {
        "title": _("Hand the application in?"),
        "sentence": project.name,
        "consequences": [
            _("{host} reads it, and may ask you to complete it.").format(host=project.round.host.name),
            _("You cannot change it meanwhile."),
            _("You receive an e-mail at each decision."),
            _(
                "If the project is accepted, its page becomes public, without your bank account and your documents."
            ),
        ],
        "action": _("Hand it in"),
        "form": Versioned(initial={"version": project.version}),
        "cancel_url": reverse("application-preview", args=[project.pk]),
    }
    return render(request, "components/confirm.html", context)


def _address(part: Part) -> str:
    return f"application-{part}"


def _part(request: HttpRequest, project: Project, part: Part, more: dict[str, object]) -> HttpResponse:
    steps = parts_of(project, current=part)
    context = {"project": project, "round": project.round, "part": part, "steps": steps, **more}
    context["editable"] = editable = project.state in EDITABLE
    form = more.get("form")
    # Whoever was told of another's changes compares them before anything is saved again.
    context["saves_itself"] = editable and isinstance(form, Versioned) and not form.non_field_errors()
    context["step"] = PARTS.index(part) + 1
    return render(request, f"projects/part_{part}.html", context)


def _saved(
    request: PersonRequest,
    project: Project,
    part: Part,
    form: PartForm,
    lines: BaseFormSet[LineForm] | None = None,
) -> HttpResponse | None:
    """Save what was sent, and go on to the next part or say what is saved; None where the page is to be shown."""
    if request.method != "POST":
        return None
    by_itself = is_saving(request)
    changed = form.has_changed() or bool(lines and lines.has_changed())
    saved = None
    # Both are asked, so that all mistakes show at once.
    if all([form.is_valid(), lines is None or lines.is_valid()]) and (changed or not by_itself):
        saved = _tried(request, project, form, {**form.changes(), **_budget(lines)}, by_itself=by_itself)
    if by_itself:
        now = saved or project
        return how_saved(
            request, form, lines, hidden={"version": now.version}, steps=parts_of(now, current=part)
        )
    return _onward(request, project, part) if saved else None


def _budget(lines: BaseFormSet[LineForm] | None) -> Changes:
    """The lines that have an amount, where the part has lines."""
    if lines is None:
        return {}
    written = [line for line in lines.cleaned_data if line.get("amount") is not None]
    return {"budget": [(line["label"], line["amount"]) for line in written]}


def _tried(
    request: PersonRequest, project: Project, form: PartForm, changes: Changes, *, by_itself: bool
) -> Project | None:
    """The project as it is saved; None where it is refused, which the form then says."""
    try:
        return actions.save_application(
            person=request.user, project_id=project.pk, seen=form.cleaned_data["version"], changes=changes
        )
    except ChangedMeanwhile as refusal:
        told(request, refusal, form)
        if not by_itself:
            told_of(request, form, project.version)
    except Refusal as refusal:
        told(request, refusal, form)
    return None


def _onward(request: HttpRequest, project: Project, part: Part) -> HttpResponse:
    """The next part, or the same one if the person only saves."""
    messages.success(request, _("Saved."))
    if "stay" in request.POST:
        return redirect(_address(part), project.pk)
    following = PARTS[PARTS.index(part) + 1 :]
    return redirect(_address(following[0]) if following else "application-preview", project.pk)


def _files(request: PersonRequest, project: Project, part: Part, kind: AttachmentKind) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None, picture=kind == AttachmentKind.IMAGE)
    if form.is_valid() and _added(request, project, kind, form):
        messages.success(request, _("The file has been added."))
        return redirect(_address(part), project.pk)
    more: dict[str, object] = {"file_form": form, **_attached(project, kind)}
    if part == Part.COMMITMENTS:
        more["form"] = CommitmentsForm(initial=_committed(project), project=project)
    return _part(request, project, part, more)


def _put_first(request: PersonRequest, project: Project) -> HttpResponse:
    chosen = request.POST["first"]
    try:
        if chosen.isascii() and chosen.isdigit():
            actions.put_picture_first(
                person=request.user, project_id=project.pk, attachment_id=int(chosen[:18])
            )
    except Refusal as refusal:
        told(request, refusal)
    else:
        messages.success(request, _("Saved."))
    return redirect(_address(Part.PICTURES), project.pk)


def _added(request: PersonRequest, project: Project, kind: AttachmentKind, form: FileForm) -> bool:
    try:
        actions.add_attachment(
            person=request.user,
            project_id=project.pk,
            kind=kind,
            title=form.cleaned_data["title"],
            upload=form.upload,
        )
    except Refusal as refusal:
        _blame(form, refusal)
        return False
    return True


def _blame(form: BaseForm, refusal: Refusal) -> None:
    for sentence in sentences(refusal):
        form.add_error("file", sentence)


def _attached(project: Project, kind: AttachmentKind) -> dict[str, object]:
    present = list(project.attachments.filter(kind=kind))
    return {"attached": present, "most": MOST[kind], "more_fit": len(present) < MOST[kind]}


def _committed(project: Project) -> dict[str, object]:
    return {"licence": project.licence, "ties": project.ties, "version": project.version}


def _commitments_form(request: HttpRequest, project: Project) -> CommitmentsForm:
    return CommitmentsForm(request.POST or None, initial=_committed(project), project=project)
