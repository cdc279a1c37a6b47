"""The page of a project, and its files."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from abonde.people.models import Person
from abonde.projects.asking import takes_questions
from abonde.projects.models import Attachment, AttachmentKind, Project, Update
from abonde.projects.queries import is_public, may_see, questions_of
from abonde.projects.states import State
from abonde.web.projects.money import money_of
from abonde.web.projects.sharing import shared
from abonde.web.projects.showing import shown_project, story_context

A_DAY: Final = 24 * 3600
SANDBOX: Final = "default-src 'none'; sandbox"
"""Whatever a file may turn out to hold, no browser runs it."""


@require_safe
@gzip_page
def project(request: HttpRequest, round_slug: str, slug: str) -> HttpResponse:
    """A project as everyone sees it."""
    shown = shown_project(round_slug, slug)
    context = {
        **story_context(shown),
        **money_of(shown),
        **shared(shown),
        "round": shown.round,
        "updates": _news(shown),
        "questions": questions_of(shown),
        "takes_questions": takes_questions(shown),
        "withdrawn": shown.state == State.WITHDRAWN,
    }
    return render(request, "projects/project.html", context)


@require_safe
def picture(request: HttpRequest, round_slug: str, slug: str, pk: int, size: str) -> FileResponse:
    """A picture in the size `small` or `large`."""
    attachment = _attachment(request, round_slug, slug, pk, AttachmentKind.IMAGE)
    if size not in {"small", "large"}:
        raise Http404
    response = FileResponse(
        (attachment.small if size == "small" else attachment.file).open(), content_type="image/webp"
    )
    # A picture that is taken away is gone from everywhere within a day; one of a draft is nobody else's to keep.
    whose = "public" if is_public(attachment.project) else "private"
    response.headers["Cache-Control"] = f"{whose}, max-age={A_DAY}"
    return _guarded(response)


@require_safe
def document(request: HttpRequest, round_slug: str, slug: str, pk: int) -> FileResponse:
    """A document, to be kept rather than shown in the browser, under a name of ours."""
    attachment = _attachment(request, round_slug, slug, pk, AttachmentKind.DOCUMENT)
    response = FileResponse(
        attachment.file.open(),
        content_type="application/pdf",
        as_attachment=True,
        filename=f"{attachment.project.slug}-{attachment.pk}.pdf",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return _guarded(response)


def _attachment(
    request: HttpRequest, round_slug: str, slug: str, pk: int, kind: AttachmentKind
) -> Attachment:
    """The file, if the visitor may see it; others are told that there is none."""
    files = Attachment.objects.select_related("project__round__host")
    attachment = get_object_or_404(
        files, pk=pk, kind=kind, project__slug=slug, project__round__slug=round_slug
    )
    if not may_see(request.user if isinstance(request.user, Person) else None, attachment):
        raise Http404
    return attachment


def _guarded(response: FileResponse) -> FileResponse:
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _news(shown: Project) -> QuerySet[Update]:
    return shown.updates.filter(hidden_at=None)
