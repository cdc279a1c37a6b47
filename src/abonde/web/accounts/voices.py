"""My voice: in which rounds the person has one, and how to claim it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonde.identities.models import Kind, Provider
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.register.actions import claim_if_possible, claim_own_voice
from abonde.register.community import may_claim
from abonde.register.models import Certificate, Register, Strategy
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
    is_certified: bool
    issuers: tuple[Provider, ...] = ()
    """By which a member of the community gets it, who has linked none of them yet."""
    reference: str = ""
    taken_back: Certificate | None = None

    @property
    def reason(self) -> str:
        """Why it was taken back: an official's words, or our own in the reader's language."""
        return _(self.taken_back.reason) if self.taken_back is not None else ""


def claim_voices(person: Person) -> None:
    """Claim, without a word, the voices that a confirmed address or a trusted provider gives in the rounds that take gifts now."""
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
            claim_own_voice(person, register)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("Your voice counts now: the common fund adds to your gifts."))
        return redirect("my-voice")
    voices = _voices(person)
    certified = any(voice.is_certified and not voice.has for voice in voices)
    providers = Provider.objects.filter(kind=Kind.FRANCECONNECT, enabled=True) if certified else ()
    return render(request, "accounts/my_voice.html", {"voices": voices, "providers": providers})


def _voices(person: Person) -> list[Voice]:
    going_on = (
        Round.objects.filter(state__in=PUBLIC - OVER, register__isnull=False)
        .select_related("register", "host")
        .prefetch_related(
            Prefetch("register__issuers", Provider.objects.filter(enabled=True).order_by("label"))
        )
        .order_by("giving_closes_at", "pk")
    )
    voices = {one.register_id: one for one in voices_of(person).order_by("granted_at", "pk")}
    known = may_claim(person)
    return [_voice(one, voices.get(one.register_id or 0), known) for one in going_on]


def _voice(round: Round, last: Certificate | None, known: set[int]) -> Voice:  # noqa: A002  (the word of the domain)
    register = round.register
    assert register is not None  # noqa: S101  (rounds_open_is_complete)
    held = last if last is not None and last.revoked_at is None else None
    return Voice(
        round=round,
        has=held is not None,
        taken_back=last if held is None else None,
        can_claim=last is None and (register.strategy == Strategy.OPEN or register.pk in known),
        is_certified=register.strategy == Strategy.CERTIFIED,
        issuers=tuple(register.issuers.all()),
        reference=held.reference if held is not None else "",
    )


def _number(written: str | None) -> int:
    return int(written) if written and written.isdecimal() and len(written) < 19 else 0  # noqa: PLR2004  bigint
