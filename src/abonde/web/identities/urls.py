"""Addresses of logging in through a provider; the return address is declared to each."""

from __future__ import annotations

from django.urls import URLPattern, path

from abonde.web.identities import leaving, linking, providers, views
from abonde.web.workspaces import rooms

rooms.append(providers.links)

urlpatterns: list[URLPattern] = [
    path("connexion/<slug:provider>/", views.leave, name="identity-begin"),
    path("connexion/<slug:provider>/retour/", views.come_back, name="identity-callback"),
    path("connexion/<slug:provider>/voix/", linking.claim_voice, name="identity-voice"),
    path("connexion/<slug:provider>/depart/", leaving.leaving, name="identity-leaving"),
    path("connexion/<slug:provider>/depart/chez-lui/", leaving.leave_provider, name="identity-leave"),
    path("connexion/<slug:provider>/depart/retour/", leaving.left_provider, name="identity-left"),
    path("mes-identites/", linking.my_identities, name="my-identities"),
    path("mes-identites/<slug:provider>/lier/", linking.link, name="identity-link"),
    path("mes-identites/<slug:provider>/retirer/", linking.unlink, name="identity-unlink"),
    path("connexion/<slug:provider>/cles.json", providers.provider_keys, name="identity-keys"),
    path("espace/<slug:org>/fournisseurs/", providers.providers, name="workspace-providers"),
    path("espace/<slug:org>/fournisseurs/nouveau/", providers.new_provider, name="workspace-provider-new"),
    path("espace/<slug:org>/fournisseurs/<slug:provider>/", providers.one, name="workspace-provider"),
    path(
        "espace/<slug:org>/fournisseurs/<slug:provider>/essai/",
        providers.try_provider,
        name="workspace-provider-test",
    ),
    path(
        "espace/<slug:org>/fournisseurs/<slug:provider>/arret/",
        providers.provider_off,
        name="workspace-provider-off",
    ),
    path(
        "espace/<slug:org>/fournisseurs/<slug:provider>/marche/",
        providers.provider_on,
        name="workspace-provider-on",
    ),
]
