"""How people claim their voice in a certified register: after FranceConnect, by a letter's code, at the counter."""

from __future__ import annotations

from typing import Final

from allauth.core.internal.httpkit import get_client_ip
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from abonde.identities.models import Kind
from abonde.identities.proof import Proof
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.register.claims import Claimed, claim_with_pivot
from abonde.register.codes import claim_with_code
from abonde.register.counter import number_for
from abonde.register.faults import Unreadable
from abonde.register.identity import read_pivot
from abonde.register.models import Register, Strategy
from abonde.rounds.states import PUBLIC, State
from abonde.web.giving.visiting import PersonRequest
from abonde.web.voices.forms import LONGEST_CODE, CodeForm
from abonde.web.wording import sentences

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
FRANCE: Final = "99100"
COUNTER_RELOAD: Final = 30
"""Seconds after which the page at the counter looks again whether the voice is there."""


def claimable() -> QuerySet[Register]:
    """The certified registers of rounds that go on or come."""
    going_on = Register.objects.filter(strategy=Strategy.CERTIFIED, rounds__state__in=PUBLIC - OVER)
    return going_on.select_related("owner").distinct().order_by("pk")


def claim_by_provider(request: HttpRequest, person: Person, proof: Proof) -> None:
    """Claim what the log-in proves, say what came of it, and let go of who it was."""
    if proof.provider.kind != Kind.FRANCECONNECT:
        return
    told_by = {name: str(value) for name, value in proof.claims.items() if isinstance(value, str)}
    country = told_by.get("birthcountry", "")
    place = told_by.get("birthplace", "") or ("" if country == FRANCE else country)
    try:
        pivot = read_pivot(
            told_by.get("family_name", ""), told_by.get("given_name", ""), told_by.get("birthdate", ""), place
        )
    except Unreadable:
        return  # the provider was not asked for who it is, or does not say it
    say(request, claim_with_pivot(person=person, pivot=pivot, method="franceconnect", registers=claimable()))


def say(request: HttpRequest, claimed: Claimed) -> None:
    """Tell the person what came of a claim."""
    for register in claimed.granted:
        messages.success(
            request,
            _("You are in {register}: your voice counts now, and the common fund adds to your gifts.").format(
                register=register.name
            ),
        )
    for register in [*claimed.absent, *claimed.unclear]:
        messages.info(
            request,
            _(
                "We did not find you with certainty in {register}. You can give all the same; for your voice, ask {certifier}."
            ).format(register=register.name, certifier=register.owner.name),
        )
    for register in claimed.taken:
        messages.warning(
            request,
            _(
                "Your voice in {register} was claimed before, with another account or with one that is gone. If that was not you, tell {certifier}."
            ).format(register=register.name, certifier=register.owner.name),
        )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: PersonRequest) -> HttpResponse:
    """Type the code of a letter; the letter's drawing fills it in."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")[:LONGEST_CODE]})
    if request.method == "POST" and form.is_valid():
        try:
            granted = claim_with_code(
                person=request.user, written=form.cleaned_data["code"], address=get_client_ip(request) or ""
            )
        except Refusal as refusal:
            for sentence in sentences(refusal):
                form.add_error("code", sentence)
        else:
            messages.success(
                request,
                _(
                    "You are in {register}: your voice counts now, and the common fund adds to your gifts."
                ).format(register=granted.register.name),
            )
            return redirect("my-voice")
    return render(request, "voices/code.html", {"form": form})


@never_cache
@login_required
@require_safe
def at_the_counter(request: PersonRequest) -> HttpResponse:
    """The number that an official asks for; the page looks again until the voice is there."""
    registers = list(claimable())
    held = [
        one.register
        for one in request.user.certificates.select_related("register").filter(
            register__in=registers, revoked_at=None, method="counter"
        )
    ]
    context = {"number": number_for(request.user), "held": held, "reload_after": COUNTER_RELOAD}
    return render(request, "voices/at_the_counter.html", context)
