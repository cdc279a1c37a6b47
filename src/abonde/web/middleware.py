"""What surrounds every page: its content security policy, one line of log without personal data, and one address."""

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

Answer = Callable[[HttpRequest], HttpResponse]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
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
    exempt = [re.compile(pattern) for pattern in settings.SECURE_REDIRECT_EXEMPT]

    def answer_at_public_address(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.get_host().lower() == host:
            return answer(request)
        if any(pattern.search(request.path.lstrip("/")) for pattern in exempt):
            return answer(request)
        return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())

    return answer_at_public_address


def _host_of(url: str) -> str:
    """The host as browsers send it: in small letters of ASCII, and without the port that goes without saying."""
    parts = urlsplit(url)
    name = (parts.hostname or "").encode("idna").decode()
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return name if parts.port in {None, usual} else f"{name}:{parts.port}"
