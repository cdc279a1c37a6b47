"""The voices of a register, for its registrars: by which way and when, never whose; and taking one back."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
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
from abonde.web.listing import Cell, Column, Listing
from abonde.web.proof import is_proved, proof_form
from abonde.web.register.words import METHODS
from abonde.web.workspaces import AgentRequest, agent_required, told

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
def voices(request: AgentRequest, org: str, register: int) -> HttpResponse:
    """Every voice that was ever claimed in a register, the newest first."""
    found = _register(request, register)
    form = ListForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = certificates_of(
        found, reference=asked.get("q", ""), method=asked.get("way", ""), state=asked.get("state", "")
    )
    listing = Listing(request, rows, _columns(org, register), usual="-claimed", name=f"voices-{register}")
    if listing.is_file:
        return listing.file()
    context = {"register": found, "form": form, "listing": listing}
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


def _columns(org: str, register: int) -> list[Column[Certificate]]:
    def state(one: Certificate) -> Cell:
        if one.revoked_at:
            day = date_format(localtime(one.revoked_at), "SHORT_DATE_FORMAT")
            return Cell(text=_("Taken back"), tone="danger", note=f"{day} – {one.reason}")
        url = reverse("voice-revoke", args=[org, register, one.pk])
        return Cell(text=_("Counts"), tone="success", url=url, note=_("Take back…"))

    return [
        Column(key="reference", label=_("Reference"), cell=lambda one: Cell(text=one.reference)),
        Column(
            key="way",
            label=_("Way"),
            cell=lambda one: Cell(text=METHODS.get(one.method, one.method)),
            order="method",
        ),
        Column(
            key="claimed",
            label=_("Claimed on"),
            cell=lambda one: Cell(at=one.granted_at, to_the_minute=True),
            order="granted_at",
            greatest_first=True,
        ),
        Column(
            key="state",
            label=_("State"),
            cell=state,
            plain=lambda one: "revoked" if one.revoked_at else "held",
            order="revoked_at",
            greatest_first=True,
        ),
    ]


def _register(request: AgentRequest, register: int) -> Register:
    return get_object_or_404(registers_of(request.organisation), pk=register)
