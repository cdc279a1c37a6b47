"""The voices of a register, for its registrars: by which way and when, never whose; and taking one back."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.register.actions import revoke_certificate
from abonde.register.models import Certificate, Register
from abonde.register.queries import certificates_of, registers_of
from abonde.web.proof import is_proved, proof_form
from abonde.web.register.words import METHODS
from abonde.web.workspaces import AgentRequest, agent_required, told

ON_A_PAGE: Final = 50
LONGEST_REASON: Final = 500
LONGEST_REFERENCE: Final = 20


class ListForm(forms.Form):
    """Which voices to list."""

    q = forms.CharField(
        label=gettext_lazy("Reference"),
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text=gettext_lazy("The person finds it on their page “My voice”."),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Way"), required=False, choices=[("", gettext_lazy("All")), *METHODS.items()]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("held", gettext_lazy("Counts")),
            ("revoked", gettext_lazy("Taken back")),
        ],
    )


class RevokeForm(forms.Form):
    """Why a voice is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Why the voice is taken back"),
        help_text=gettext_lazy("The person reads it. Do not name anybody else."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Say why the voice is taken back: the person will read it.")
        },
    )


@require_safe
@agent_required(Role.REGISTRAR)
def voices(request: AgentRequest, org: str, register: int) -> HttpResponse:  # noqa: ARG001
    """Every voice that was ever claimed in a register, the newest first."""
    found = _register(request, register)
    form = ListForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = certificates_of(
        found, reference=asked.get("q", ""), method=asked.get("way", ""), state=asked.get("state", "")
    )
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "register": found,
        "form": form,
        "page": page,
        "rows": [(one, METHODS.get(one.method, one.method)) for one in page],
        "asked": any(asked.values()),
    }
    return render(request, "voices/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def revoke(request: AgentRequest, org: str, register: int, pk: int) -> HttpResponse:
    """Take a voice back, for a reason and with a proof; what will happen is said first."""
    found = get_object_or_404(
        Certificate.objects.select_related("register__owner"),
        pk=pk,
        register=_register(request, register),
        revoked_at=None,
    )
    back = reverse("voices", args=[org, register])
    form, proof = RevokeForm(request.POST or None), proof_form(request)
    if request.method == "POST" and form.is_valid() and is_proved(proof):
        try:
            revoke_certificate(person=request.user, certificate=found, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("The voice is taken back, and the estimates have followed."))
            return redirect(back)
    context = {
        "title": _("Take voice {reference} back?").format(reference=found.reference),
        "sentence": _("{way}, on {day}.").format(
            way=METHODS.get(found.method, found.method), day=date_format(localtime(found.granted_at), "j F Y")
        ),
        "consequences": [
            _(
                "The person’s gifts stay with the projects, and are no longer topped up; estimates and provisional results follow."
            ),
            _("The entry stays closed: only an official at the counter can give it to an account again."),
            _("The person reads your reason."),
        ],
        "form": form,
        "proof": proof,
        "dangerous": True,
        "action": _("Take the voice back"),
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context)


def _register(request: AgentRequest, register: int) -> Register:
    return get_object_or_404(registers_of(request.organisation), pk=register)
