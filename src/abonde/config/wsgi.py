"""What gunicorn serves."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonde.config.settings")

ROOM: Final = 20_000
"""Slots of eight bytes."""

_pages = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request, with room for all the calls that it takes.

    Python keeps the frames of calls in pieces of 16 KiB, which it asks of the system and gives back as calls cross from one
    into the next: for a call at that edge, again and again, some ten times a page. A first frame that claims much room
    (and uses nothing of it) makes one piece large enough for all.
    """
    return _pages(environ, start_response)


application.__code__ = application.__code__.replace(co_stacksize=ROOM)
