"""Pieces of pages: what htmx asks for, where others get a whole page."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def is_piece(request: HttpRequest) -> bool:
    """Whether a page that stays where it is asks for a piece: neither a boosted link nor a page out of the history."""
    asked: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(asked and not asked.boosted and not asked.history_restore_request)
