"""Addresses of what explains the platform."""

from django.urls import path

from abonde.web.information import pages

urlpatterns = [
    path("comment-ca-marche/", pages.how_it_works, name="how-it-works"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("confidentialite/", pages.privacy, name="privacy"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
]
