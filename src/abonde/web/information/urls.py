"""Addresses of what explains the platform."""

from django.urls import path

from abonde.web.information import pages
from abonde.web.rounds.guide import general_guide

urlpatterns = [
    path("comment-ca-marche/", pages.how_it_works, name="how-it-works"),
    path("comment-ca-marche/guide.pdf", general_guide, name="guide"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("confidentialite/", pages.privacy, name="privacy"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
]
