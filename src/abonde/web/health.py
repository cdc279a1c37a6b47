"""Pages for machines: is it alive, is it ready, what does it measure."""

from __future__ import annotations

import hmac
import os
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from abonde.web.separation import is_separated

LOOPBACK: Final = ("127.0.0.1", "::1", "")  # no address at all is a Unix socket
SECONDS_OF_SILENCE: Final = 60
"""A worker beats every ten seconds; one that is silent for longer than this is taken for dead."""


@never_cache
@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Database reachable, migrations applied, a worker alive: 200, or 503 with what is missing.

    Whether PostgreSQL itself keeps apart what organisations may know is told too: without it, all works.
    """
    needed = {"database": False, "migrations": False, "worker": False}
    separated = False
    try:
        needed["migrations"] = _migrated()
        needed["database"] = True
        separated = is_separated()
        needed["worker"] = needed["migrations"] and _worker_beats()
    except DatabaseError:
        pass  # said by the answer: what is not known to be well is not well
    return JsonResponse(
        {**needed, "separate_knowledge": separated}, status=200 if all(needed.values()) else 503
    )


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Measures for Prometheus, to this machine or to the bearer of METRICS_TOKEN."""
    token = f"Bearer {settings.METRICS_TOKEN}"
    bearer = bool(settings.METRICS_TOKEN) and hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), token.encode()
    )
    # Behind a proxy every request comes from this machine, so the token alone decides.
    local = not settings.BEHIND_PROXY and request.META.get("REMOTE_ADDR") in LOOPBACK
    if not (bearer or local):
        return HttpResponseForbidden("Metrics are for this machine, or for who bears METRICS_TOKEN.\n")
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    """What all web processes counted together, where they do (abonde.config.web_server); else what this one counted."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _worker_beats() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [SECONDS_OF_SILENCE],
        )
        (beats,) = cursor.fetchone()
    return bool(beats)
