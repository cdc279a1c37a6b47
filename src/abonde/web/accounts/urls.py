"""Addresses of accounts and teams. Of allauth, only the views that accounts without passwords need."""

from __future__ import annotations

from typing import Final

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from abonde.web.accounts import entering, invitations, own, team, voices, workspace
from abonde.web.identities.leaving import LogOut

LOG_IN: Final = entering.LogIn.as_view()

entrance: Final = [
    path("compte/connexion/", LOG_IN, name="account_login"),
    path("compte/connexion/", LOG_IN, name="account_request_login_code"),
    path("compte/connexion/code/", account.confirm_login_code, name="account_confirm_login_code"),
    path("compte/connexion/preuve/", mfa.authenticate, name="mfa_authenticate"),
    path("compte/connexion/cle/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("compte/inscription/", entering.sign_up, name="account_signup"),
    path("compte/deconnexion/", LogOut.as_view(), name="account_logout"),
    path("compte/inactif/", account.account_inactive, name="account_inactive"),
]
addresses: Final = [
    path("compte/adresses/", account.email, name="account_email"),
    path("compte/adresses/code/", account.email_verification_sent, name="account_email_verification_sent"),
]
security: Final = [
    path("compte/securite/", mfa.index, name="mfa_index"),
    path("compte/securite/confirmation/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "compte/securite/confirmation/cle/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "compte/securite/confirmer/",
        RedirectView.as_view(pattern_name="mfa_reauthenticate", query_string=True),
        name="account_reauthenticate",
    ),
    path("compte/securite/application/", totp.activate_totp, name="mfa_activate_totp"),
    path("compte/securite/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("compte/securite/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "compte/securite/codes/nouveaux/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "compte/securite/codes/fichier/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("compte/securite/cles/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("compte/securite/cles/ajouter/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("compte/securite/cles/<int:pk>/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("compte/securite/cles/<int:pk>/retirer/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]
mine: Final = [
    path("mon-compte/", own.my_account, name="my-account"),
    path("mes-donnees/", own.my_data, name="my-data"),
    path("mes-donnees/export.json", own.my_data_export, name="my-data-export"),
    path("mes-donnees/supprimer/", own.my_account_deletion, name="my-account-deletion"),
    path("ma-voix/", voices.my_voice, name="my-voice"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]
organisation: Final = [
    path("espace/", workspace.workspaces, name="workspaces"),
    path("espace/<slug:org>/", workspace.dashboard, name="workspace"),
    path("espace/<slug:org>/organisation/", workspace.organisation, name="workspace-organisation"),
    path("espace/<slug:org>/organisation/cle/", workspace.signing_key, name="workspace-signing-key"),
    path("espace/<slug:org>/equipe/", team.team, name="workspace-team"),
    path("espace/<slug:org>/equipe/<int:membership>/", team.agent, name="workspace-agent"),
    path(
        "espace/<slug:org>/equipe/<int:membership>/depart/", team.agent_leaves, name="workspace-agent-leaves"
    ),
    path(
        "espace/<slug:org>/equipe/invitations/<int:invitation>/renvoi/",
        team.invitation_again,
        name="workspace-invitation-again",
    ),
    path(
        "espace/<slug:org>/equipe/invitations/<int:invitation>/retrait/",
        team.invitation_withdrawn,
        name="workspace-invitation-withdrawn",
    ),
]

urlpatterns: list[URLPattern] = [*entrance, *addresses, *security, *mine, *organisation]
