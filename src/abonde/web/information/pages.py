"""What a visitor may want to know before trusting the site with money: pages without any state of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from abonde.web.information.processing import told

CHECKED_ON: Final = date(2026, 11, 23)
"""When the accessibility statement was last compared with what the tests check."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One thing that the law wants to be said, by whoever runs the site: in the settings, or missing."""

    label: str | Promise
    value: str


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Why many small gifts weigh more, the round in steps, what a voice is, who sees what."""
    return render(request, "information/how_it_works.html")


@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Who publishes and who hosts, as French law wants it said (LCEN, article 1-1)."""
    stated = [
        Stated(_("Publisher"), settings.PUBLISHER),
        Stated(_("Registration number"), settings.PUBLISHER_NUMBER),
        Stated(_("Address"), settings.PUBLISHER_ADDRESS),
        Stated(_("Telephone"), settings.PUBLISHER_PHONE),
        Stated(_("E-mail address"), settings.CONTACT),
        Stated(_("Director of publication"), settings.PUBLICATION_DIRECTOR),
        Stated(_("Hosting provider"), settings.HOSTING),
    ]
    missing = any(not one.value for one in stated)
    context = {"stated": stated, "missing": missing, "demonstration": not settings.PRODUCTION}
    return render(request, "information/legal.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why, how long and by whom."""
    contact = settings.DATA_PROTECTION_CONTACT or settings.CONTACT
    context = {
        "told": told(),
        "publisher": settings.PUBLISHER,
        "contact": contact,
        "session_days": settings.SESSION_COOKIE_AGE // 86400,
    }
    return render(request, "information/privacy.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The statement that the RGAA asks for."""
    context = {
        "publisher": settings.PUBLISHER,
        "contact": settings.CONTACT,
        "site": settings.PUBLIC_URL,
        "checked_on": CHECKED_ON,
    }
    return render(request, "information/accessibility.html", context)
