"""Addresses of drawings that answer."""

from django.urls import path

from abonde.web.drawing import views

urlpatterns = [
    path("dessin/", views.idea, name="idea"),
    path("campagnes/<slug:round_slug>/dessin/", views.round_idea, name="round-idea"),
]
