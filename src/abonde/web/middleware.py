"""What surrounds every page: its content security policy, and one line of log without personal data."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Final

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
