"""What surrounds every page: its content security policy, one line of log without personal data, one address, and the closed door."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

Answer = Callable[[HttpRequest], HttpResponse]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    f"img-src 'self' data: {settings.MAP_TILES_ORIGIN}; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    # Browsers follow a form to where its answer leads: a payment page is allowed too.
    f"form-action 'self' {' '.join(settings.PAYMENT_PAGES)}"
)

log = structlog.get_logger("abonde.requests")


def content_security_policy(answer: Answer) -> Answer:
    """Allow pages nothing but files of this server: no inline script, no frame, no third party."""

    def answer_with_policy(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return answer_with_policy


def request_log(answer: Answer) -> Answer:
    """Log route, status and time of each request under an id that the answer bears too.

    The route (`project/<slug>`) is logged, never the address itself: addresses, parameters and IPs may name people.
    """

    def answer_and_log(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = answer(request)
            route = request.resolver_match.route if request.resolver_match else None
            log.info(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - began) * 1000),
            )
        response.headers["X-Request-ID"] = request_id
        return response

    return answer_and_log


def public_address(answer: Answer) -> Answer:
    """Lead who reads under another host name to the public one, where their session, basket and passkeys are known.

    What is sent (POST) is answered where it came, lest it be lost; machines that look after this one ask by any name.
    """
    if not settings.LEADS_TO_PUBLIC_URL:
        raise MiddlewareNotUsed
    host = _host_of(settings.PUBLIC_URL)

    def answer_at_public_address(request: HttpRequest) -> HttpResponse:
        if (
            request.method not in {"GET", "HEAD"}
            or _is_for_machines(request)
            or request.get_host().lower() == host
        ):
            return answer(request)
        return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())

    return answer_at_public_address


def maintenance(answer: Answer) -> Answer:
    """While the operator works on the site, say so to people (503), in their language and without the database."""
    if not settings.MAINTENANCE:
        raise MiddlewareNotUsed

    def answer_that_we_work(request: HttpRequest) -> HttpResponse:
        if _is_for_machines(request):
            return answer(request)
        page = render_to_string("errors/maintenance.html")
        return HttpResponse(page, status=503, headers={"Retry-After": "300", "Cache-Control": "no-store"})

    return answer_that_we_work


def _is_for_machines(request: HttpRequest) -> bool:
    return any(re.search(pattern, request.path.lstrip("/")) for pattern in settings.FOR_MACHINES)


def _host_of(url: str) -> str:
    """The host as browsers send it: in small letters of ASCII, and without the port that goes without saying."""
    parts = urlsplit(url)
    name = (parts.hostname or "").encode("idna").decode()
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return name if parts.port in {None, usual} else f"{name}:{parts.port}"
