"""My voice: in which rounds the person has one, and how to claim it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonde.identities.models import Kind, Provider
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.register.actions import claim_community_voice, claim_if_possible
from abonde.register.models import Register, Strategy
from abonde.register.queries import voices_of
from abonde.rounds.models import Round
from abonde.rounds.states import PUBLIC, State
from abonde.web.workspaces import told

OPEN_TO_CLAIMS: Final = (Strategy.COMMUNITY, Strategy.OPEN)
OVER: Final = frozenset(
    {
        State.CLOSED,
        State.PROVISIONAL,
        State.FINAL,
        State.PAYING_OUT,
        State.ARCHIVED,
        State.CALLED_OFF,
    }
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One round, and whether the person has a voice in it."""

    round: Round
    has: bool
    can_claim: bool
    reference: str = ""


def claim_voices(person: Person) -> None:
    """Claim, without a word, the voices that a confirmed address gives in the rounds that take gifts now."""
    registers = Register.objects.filter(rounds__state=State.GIVING, strategy__in=OPEN_TO_CLAIMS).distinct()
    for register in registers:
        claim_if_possible(person, register)


@login_required
@require_http_methods(["GET", "POST"])
def my_voice(request: HttpRequest) -> HttpResponse:
    """The rounds that go on, each with the person's voice or the way to it."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (login_required)
    if request.method == "POST":
        register = get_object_or_404(
            Register.objects.filter(rounds__state__in=PUBLIC).distinct(),
            pk=_number(request.POST.get("register")),
        )
        try:
            claim_community_voice(person, register)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("Your voice counts now: your gifts call up the common fund."))
        return redirect("my-voice")
    voices = _voices(person)
    certified = any(not voice.has and not voice.can_claim for voice in voices)
    providers = Provider.objects.filter(kind=Kind.FRANCECONNECT, enabled=True) if certified else ()
    return render(request, "accounts/my_voice.html", {"voices": voices, "providers": providers})


def _voices(person: Person) -> list[Voice]:
    going_on = (
        Round.objects.filter(state__in=PUBLIC - OVER, register__isnull=False)
        .select_related("register", "host")
        .order_by("giving_closes_at", "pk")
    )
    held = {one.register_id: one for one in voices_of(person) if one.revoked_at is None}
    return [
        Voice(
            round=one,
            has=one.register_id in held,
            reference=held[one.register_id].reference if one.register_id in held else "",
            can_claim=one.register is not None and one.register.strategy in OPEN_TO_CLAIMS,
        )
        for one in going_on
    ]


def _number(written: str | None) -> int:
    return int(written) if written and written.isdecimal() and len(written) < 19 else 0  # noqa: PLR2004  bigint
