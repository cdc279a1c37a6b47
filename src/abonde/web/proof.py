"""Proving once more who one is, right before something that cannot be undone."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from abonde.web.accounts.forms import SecondFactorAgainForm
from abonde.web.workspaces import AgentRequest


def proof_form(request: AgentRequest) -> SecondFactorAgainForm | None:
    """The form for a code of the agent's application, bound when it was sent; None for who has just proved themself.

    It links to the page that takes a passkey instead, and comes back. A proof lasts five minutes.
    """
    if did_recently_reauthenticate(request):
        return None
    form = SecondFactorAgainForm(request.POST if request.method == "POST" else None, user=request.user)
    passkey = f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}"
    form.fields["code"].help_text = format_html(
        '{} <a href="{}">{}</a>',
        _("Prove once more that it is you: type the code that your application shows now."),
        passkey,
        _("Or use a passkey."),
    )
    return form


def is_proved(form: SecondFactorAgainForm | None) -> bool:
    """Whether the proof holds; the code was right, or none was needed."""
    if form is None:
        return True
    if not form.is_valid():
        return False
    form.save()
    return True
