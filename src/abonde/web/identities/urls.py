"""Addresses of logging in through a provider; the return address is declared to each."""

from __future__ import annotations

from django.urls import URLPattern, path

from abonde.web.identities import views

urlpatterns: list[URLPattern] = [
    path("connexion/<slug:provider>/", views.leave, name="identity-begin"),
    path("connexion/<slug:provider>/retour/", views.come_back, name="identity-callback"),
]
