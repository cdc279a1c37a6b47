"""Every address of the platform."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from abonde.web import health, style

handler400 = "abonde.web.errors.bad_request"
handler403 = "abonde.web.errors.permission_denied"
handler404 = "abonde.web.errors.page_not_found"
handler500 = "abonde.web.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    path("language", set_language, name="set_language"),
    # Addresses are tried in this order: the ones that most people walk come first.
    path("", include("abonde.web.giving.urls")),
    path("", include("abonde.web.sandbox.urls")),
    path("", include("abonde.web.information.urls")),
    path("", include("abonde.web.drawing.urls")),
    path("", include("abonde.web.simulator.urls")),
    path("", include("abonde.web.rounds.urls")),
    path("", include("abonde.web.funding.urls")),
    path("", include("abonde.web.accounts.urls")),
    path("", include("abonde.web.identities.urls")),
    path("", include("abonde.web.register.urls")),
    path("", include("abonde.web.voices.urls")),
    path("", include("abonde.web.projects.urls")),
    path("", include("abonde.web.settlement.urls")),
    path("", include("abonde.web.trail.urls")),
]
if not settings.PRODUCTION:
    urlpatterns += [
        path("", include("abonde.web.demonstration.urls")),
        path("style/", style.pieces, name="style"),
        path("style/workspace/", style.workspace, name="style-workspace"),
        path("style/confirm/", style.confirm, name="style-confirm"),
    ]
