"""Every address of the platform."""

from django.urls import URLPattern, URLResolver, include, path

from abonde.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("abonde.web.accounts.urls")),
    path("", include("abonde.web.projects.urls")),
]
