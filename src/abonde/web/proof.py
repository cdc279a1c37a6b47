"""Proving once more who one is, right before something that cannot be undone."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from abonde.web.accounts.forms import SecondFactorAgainForm
from abonde.web.workspaces import AgentRequest


def has_just_proved(request: AgentRequest) -> bool:
    """Whether a second factor was shown within five minutes: at the log-in, when it was set up, or when asked again.

    allauth counts the log-in for nothing here, and would ask who has just typed a code for the next one at once.
    """
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def proof_form(request: AgentRequest) -> SecondFactorAgainForm | None:
    """The form for a code of the agent's application, bound when it was sent; None for who has just proved themself.

    It links to the page that takes a passkey instead, and comes back. A proof lasts five minutes.
    """
    if has_just_proved(request):
        return None
    form = SecondFactorAgainForm(request.POST if request.method == "POST" else None, user=request.user)
    form.fields["code"].widget.attrs["autofocus"] = False  # what it is for stands above, and is read first
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
