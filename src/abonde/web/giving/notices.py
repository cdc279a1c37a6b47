"""Where payment providers leave their notifications."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from abonde.payments.actions import receive_notice
from abonde.payments.provider import Forged
from abonde.payments.providers import NoProvider

LARGEST_NOTICE: Final = 64 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep a notification. 200 says that it is committed; whatever else we answer, the provider may send it again."""
    body = request.read(LARGEST_NOTICE + 1)
    if len(body) > LARGEST_NOTICE:
        return _said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        receive_notice(provider=provider, headers=headers, body=body)
    except Forged:
        return _said(HTTPStatus.BAD_REQUEST)
    except NoProvider:
        return _said(HTTPStatus.NOT_FOUND)
    return _said(HTTPStatus.OK)


def _said(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
