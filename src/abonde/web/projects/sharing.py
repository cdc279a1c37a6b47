"""A project beyond its page: on a poster, and on other sites."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from abonde.web.printing import code, pdf_of, sheet
from abonde.web.projects.money import money_of
from abonde.web.projects.showing import shown_project
from abonde.web.wording import money

AN_HOUR: Final = 3600
FIVE_MINUTES: Final = 300
WIDTH: Final = 420
HEIGHT: Final = 540
NARROWEST: Final = 240
LOWEST: Final = 320
"""The card in pixels: as it is best, and the least in which it can be read."""
EMBEDDED: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
)
BEFORE_THE_END: Final = frozenset({RoundState.APPLICATIONS, RoundState.SELECTION, RoundState.GIVING})


def address_of(project: Project) -> str:
    """The whole address of the project's page."""
    return settings.PUBLIC_URL + reverse("project", args=[project.round.slug, project.slug])


def passed_on(project: Project) -> dict[str, object]:
    """What `projects/share.html` offers: the address of the page, and the lines that show its card on another site."""
    card = settings.PUBLIC_URL + reverse("project-embed", args=[project.round.slug, project.slug])
    return {"address": address_of(project), "embed": _frame(card, project, WIDTH, HEIGHT)}


def shared(project: Project) -> dict[str, object]:
    """What a page tells machines and people who pass the project on: `address`, `embed`, `oembed`, `social_picture`."""
    place, address = [project.round.slug, project.slug], address_of(project)
    first = next(iter(project.pictures), None)  # type: ignore[attr-defined]  # set by the query
    return {
        **passed_on(project),
        "oembed": f"{settings.PUBLIC_URL}{reverse('oembed')}?{urlencode({'url': address})}",
        "social_picture": first,
        "social_picture_address": first
        and settings.PUBLIC_URL + reverse("project-picture", args=[*place, first.pk, "large"]),
    }


@require_safe
@xframe_options_exempt
def embed(request: HttpRequest, round_slug: str, slug: str) -> HttpResponse:
    """The project as a card that other sites show in a frame: no cookie, no script, nothing to type."""
    project = shown_project(round_slug, slug)
    context = {
        **money_of(project),
        "project": project,
        "round": project.round,
        "address": address_of(project),
        "withdrawn": project.state == State.WITHDRAWN,
    }
    response = render(request, "projects/embed.html", context)
    response.headers["Content-Security-Policy"] = EMBEDDED
    response.headers["Cache-Control"] = f"public, max-age={FIVE_MINUTES}"
    return response


@require_safe
def oembed(request: HttpRequest) -> JsonResponse:
    """The card of the project at the address `url`, as oEmbed (https://oembed.com) has it: `maxwidth`, `maxheight`, JSON only."""
    if request.GET.get("format", "json") != "json":
        return JsonResponse({"error": _("This site answers in JSON only.")}, status=501)
    project = _project_at(request.GET.get("url", ""))
    width = _within(request.GET.get("maxwidth", ""), WIDTH, NARROWEST)
    height = _within(request.GET.get("maxheight", ""), HEIGHT, LOWEST)
    card = settings.PUBLIC_URL + reverse("project-embed", args=[project.round.slug, project.slug])
    response = JsonResponse(
        {
            "version": "1.0",
            "type": "rich",
            "title": project.name,
            "author_name": project.round.name,
            "provider_name": "Abonde",
            "provider_url": settings.PUBLIC_URL,
            "cache_age": AN_HOUR,
            "html": _frame(card, project, width, height),
            "width": width,
            "height": height,
        }
    )
    response.headers["Access-Control-Allow-Origin"] = "*"  # public, and the same for everyone
    response.headers["Cache-Control"] = f"public, max-age={AN_HOUR}"
    return response


def _project_at(address: str) -> Project:
    """The public project whose page has this address. Raises Http404."""
    path = address.removeprefix(settings.PUBLIC_URL).partition("?")[0].partition("#")[0]
    if path == address or not path.startswith("/"):
        raise Http404
    found = resolve(path)
    if found.url_name != "project":
        raise Http404
    return shown_project(**found.kwargs)


def _frame(card: str, project: Project, width: int, height: int) -> str:
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" '
        'style="border:0;max-width:100%"></iframe>',
        card,
        project.name,
        width,
        height,
    )


def _within(asked: str, usual: int, least: int) -> int:
    """The pixels that a site asked for, no more than the card needs and no fewer than it can be read in."""
    return max(least, min(usual, int(asked))) if asked.isascii() and asked.isdecimal() else usual


@require_safe
def poster(request: HttpRequest, round_slug: str, slug: str) -> HttpResponse:  # noqa: ARG001
    """A poster for the project on A4, in the language of the visitor."""
    project = shown_project(round_slug, slug)
    pictures = {"code.svg": code(address_of(project))}
    first = next(iter(project.pictures), None)  # type: ignore[attr-defined]  # set by the query
    if first:
        with first.file.open() as file:
            pictures["picture.webp"] = file.read()
    words = {
        "language": (get_language() or "fr")[:2],
        "author": project.round.host.name,
        "name": project.name,
        "summary": project.summary,
        "round": project.round.name,
        "picture": "picture.webp" if first else None,
        "picture_alt": first.title if first else "",
        "steps": [
            _("Scan the code with your phone."),
            _("Choose an amount, from {least} on.").format(
                least=money(project.round.smallest_gift, whole=True)
            ),
            _("The common fund adds to your gift: the more people give, the more it adds."),
        ],
        "until": _until(project),
        "address": address_of(project).removeprefix("https://").removeprefix("http://"),
    }
    name = _("poster")
    return sheet(pdf_of("poster", words, pictures), f"{name}-{project.slug}")


def _until(project: Project) -> str:
    closes = project.round.giving_closes_at
    if closes is None or project.state != State.SELECTED or project.round.state not in BEFORE_THE_END:
        return ""
    return _("Give until {day}").format(day=date_format(localtime(closes), "DATE_FORMAT"))
