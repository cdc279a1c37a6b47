"""Which of a few daily orders of projects a visitor sees, so that no project profits from being first for everyone."""

from __future__ import annotations

from secrets import randbelow
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE: Final = "tirage"
DRAWS: Final = 64
"""Enough to be fair, too few to know anybody again by."""


def draw_of(request: HttpRequest) -> int:
    """The number that the visitor drew before, or a fresh one."""
    held = request.COOKIES.get(COOKIE, "")
    return int(held) if held in _KNOWN else randbelow(DRAWS)


def keep_draw(request: HttpRequest, response: HttpResponse, draw: int) -> None:
    """Let the visitor keep their number until they close the browser: the second page follows on the first."""
    if request.COOKIES.get(COOKIE) != str(draw):
        response.set_cookie(
            COOKIE, str(draw), httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )


_KNOWN: Final = frozenset(map(str, range(DRAWS)))
