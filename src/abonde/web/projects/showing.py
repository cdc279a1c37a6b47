"""What several pages show of a project."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse

from abonde.projects.applying import lacking
from abonde.projects.models import AttachmentKind, LegalPerson, Project
from abonde.projects.queries import public_project
from abonde.projects.rules import Part
from abonde.web.projects.places import name_of
from abonde.web.projects.words import PARTS, STATES


def story_context(project: Project) -> dict[str, object]:
    """What `projects/story.html` shows: one query each for budget, pictures and legal person, unless they came along."""
    pictures = getattr(project, "pictures", None)
    if pictures is None:
        pictures = list(project.attachments.filter(kind=AttachmentKind.IMAGE))
    legal: LegalPerson | None = getattr(project, "legal_person", None)
    lines = list(project.budget_lines.all())
    return {
        "project": project,
        "pictures": pictures,
        "lines": lines,
        "lines_total": sum(line.amount for line in lines),
        "carried_by": legal.name if legal else "",
        "carried_form": legal.form if legal else "",
        "place": name_of(project.place) if project.place else "",
    }


def shown_project(round_slug: str, slug: str) -> Project:
    """A project that anyone may see, with its round. Raises Http404."""
    try:
        return public_project(round_slug, slug)
    except Project.DoesNotExist:
        raise Http404 from None


def parts_of(project: Project, *, current: Part | None) -> list[dict[str, object]]:
    """The parts as `components/steps.html` draws them: done where nothing is lacking."""
    unfinished = {lack.part for lack in lacking(project)}
    if not project.attachments.filter(kind=AttachmentKind.IMAGE).exists():
        unfinished.add(Part.PICTURES)
    return [
        {
            "label": label,
            "url": reverse(f"application-{part}", args=[project.pk]),
            "done": part not in unfinished,
            "state": "current" if part == current else "todo" if part in unfinished else "done",
        }
        for part, label in PARTS.items()
    ]


def next_part(project: Project) -> dict[str, object] | None:
    """The first part without which the application cannot be handed in; None where nothing is lacking."""
    needed = {lack.part for lack in lacking(project)}
    return next(
        (
            {"label": label, "url": reverse(f"application-{part}", args=[project.pk])}
            for part, label in PARTS.items()
            if part in needed
        ),
        None,
    )


def state_of(project: Project) -> dict[str, object]:
    """The state in a word and its tone, as `components/state.html` takes them."""
    label, tone = STATES[project.state]
    return {"label": label, "tone": tone}
