"""Addresses of logging in through a provider; the return address is declared to each."""

from __future__ import annotations

from django.urls import URLPattern, path

from abonde.web.identities import leaving, views

urlpatterns: list[URLPattern] = [
    path("connexion/<slug:provider>/", views.leave, name="identity-begin"),
    path("connexion/<slug:provider>/retour/", views.come_back, name="identity-callback"),
    path("connexion/<slug:provider>/depart/", leaving.leaving, name="identity-leaving"),
    path("connexion/<slug:provider>/depart/chez-lui/", leaving.leave_provider, name="identity-leave"),
    path("connexion/<slug:provider>/depart/retour/", leaving.left_provider, name="identity-left"),
]
