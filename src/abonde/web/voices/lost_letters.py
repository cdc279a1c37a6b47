"""Letters that were lost: their codes end all together."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.register.mailing_codes import end_codes, fates_of
from abonde.web.voices.mailing import mailing_of
from abonde.web.workspaces import AgentRequest, agent_required, told

LONGEST_REASON = 300


class EndForm(forms.Form):
    """Why codes end."""

    reason = forms.CharField(
        label=gettext_lazy("Why they end"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Such as “lost by the post office”. It stays in the log: name nobody."),
        error_messages={"required": gettext_lazy("Say why these codes end.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def end(request: AgentRequest, org: str, register: int, number: int) -> HttpResponse:
    """Say what will happen, ask why, and end the codes of a mailing."""
    found = mailing_of(request, register, number)
    back = reverse("mailing", args=[org, register, number])
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ended = end_codes(person=request.user, mailing_id=found.pk, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request,
                ngettext(
                    "{codes} code opens nothing any more.", "{codes} codes open nothing any more.", ended
                ).format(codes=ended),
            )
            return redirect(back)
    fates = fates_of(found)
    context = {
        "title": _("End the codes of these letters?"),
        "sentence": ngettext(
            "{codes} code that nobody has used ends at once.",
            "{codes} codes that nobody has used end at once.",
            fates.good,
        ).format(codes=fates.good),
        "consequences": [
            _("Whoever finds one of the letters can do nothing with it."),
            _("Voices that were claimed with these letters stay."),
            _("Addresses and letters that are still here are deleted."),
            _("For fresh letters, bring the file of addresses again: only people without a voice get one."),
        ],
        "form": form,
        "action": _("End the codes"),
        "cancel_url": back,
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)
