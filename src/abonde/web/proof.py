"""Proving once more who one is, right before something that cannot be undone."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate

from abonde.web.accounts.forms import SecondFactorAgainForm
from abonde.web.workspaces import AgentRequest


def proof_form(request: AgentRequest) -> SecondFactorAgainForm | None:
    """The form for a code of the agent's application, bound when it was sent; None for who has just proved themself.

    A passkey is asked for on the page `mfa_reauthenticate`, to which the form's page links. A proof lasts five minutes.
    """
    if did_recently_reauthenticate(request):
        return None
    return SecondFactorAgainForm(request.POST if request.method == "POST" else None, user=request.user)


def is_proved(form: SecondFactorAgainForm | None) -> bool:
    """Whether the proof holds; the code was right, or none was needed."""
    if form is None:
        return True
    if not form.is_valid():
        return False
    form.save()
    return True
