"""What the others of the trio do with a result: sign it, and read where their money went."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.rounds.models import Round, SignedText
from abonde.rounds.queries import signers_of
from abonde.rounds.signing import sign_text
from abonde.rounds.states import State
from abonde.settlement.models import Computation, Objection, Ruling
from abonde.settlement.queries import (
    FunderStatement,
    latest,
    missing_signatures,
    results_text_of,
    statements_of,
    undecided_payments,
)
from abonde.web.proof import is_proved, proof_form
from abonde.web.rounds.showing import trail
from abonde.web.settlement import downloads
from abonde.web.settlement.showing import SETTLED, pot_names, shown_round, signers, state_words
from abonde.web.workspaces import AgentRequest, Waiting, agent_required, told


@require_http_methods(["GET", "POST"])
@agent_required()
def signing(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Read the exact text of the result, and sign it for the organisation."""
    round_ = _round_of_trio(request.organisation, round_slug)
    computation = latest(round_)
    text = results_text_of(computation) if computation else None
    if computation is None or text is None:
        raise Http404
    missing = {one.pk for one in missing_signatures(computation)}
    is_to_sign = request.organisation.pk in missing and round_.state == State.PROVISIONAL
    may_sign = request.role == Role.MANAGER and is_to_sign
    proof = proof_form(request) if may_sign else None
    if request.method == "POST" and may_sign and _same(request, text) and is_proved(proof):
        try:
            sign_text(person=request.user, organisation=request.organisation, text=text)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("Signed."))
        return redirect("results-signing", org, round_slug)
    context = {
        "round": round_,
        "computation": computation,
        "text": text,
        "signers": signers(round_, text),
        "may_sign": may_sign,
        "proof": proof,
        "has_signed": request.organisation.pk not in missing,
    }
    return render(request, "settlement/signing.html", context)


def _same(request: AgentRequest, text: SignedText) -> bool:
    if request.POST.get("sha256") == text.sha256:
        return True
    messages.error(request, _("The text has changed since you opened the page: read it again."))
    return False


@require_safe
@agent_required()
def statement(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """Where each cent of a funder went."""
    round_ = _round_of_trio(request.organisation, round_slug)
    found = _statement(request.organisation, round_)
    names = pot_names(round_)
    projects = {project.key: project for project, _cents in found.projects}
    context = {
        "round": round_,
        "statement": found,
        "computation": found.computation,
        "spent": found.given - found.returned,
        "trail": trail(request, round_),
        "pots": [
            (
                names.get(part.pot, part.pot),
                part,
                sorted(
                    ((projects[key], cents) for key, cents in part.spent.items() if cents),
                    key=lambda row: (-row[1], row[0].key),
                ),
            )
            for part in found.pots
        ],
        "state": state_words(round_),
        "is_final": round_.state in SETTLED,
    }
    return render(request, "settlement/statement.html", context)


@require_safe
@agent_required()
def statement_csv(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The same as a file."""
    round_ = _round_of_trio(request.organisation, round_slug)
    found = _statement(request.organisation, round_)
    return downloads.file_of(
        downloads.statement_csv(found), f"{round_.slug}-{request.organisation.slug}.csv", "text/csv"
    )


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """What waits in an organisation's workspace because of results, for the role of the person."""
    role = role_of(person, organisation)
    found: list[Waiting] = []
    if organisation.kind == Kind.HOST and role in {Role.MANAGER, Role.TREASURER}:
        found += _to_compute(organisation)
    if organisation.kind == Kind.HOST and role in {Role.MANAGER, Role.REVIEWER}:
        found += _to_answer(organisation)
    if role == Role.MANAGER:
        found += _to_sign(organisation)
    return found


def _to_compute(organisation: Organisation) -> Iterator[Waiting]:
    for round_ in Round.objects.filter(host=organisation, state=State.CLOSED):
        text = (
            _("%(round)s is closed: payments are still under way")
            if undecided_payments(round_).exists()
            else _("%(round)s is closed: compute its result")
        )
        address = reverse("results-workspace", args=[organisation.slug, round_.slug])
        yield Waiting(text % {"round": round_.name}, address)


def _to_answer(organisation: Organisation) -> Iterator[Waiting]:
    waiting = Objection.objects.filter(computation__round__host=organisation, state=Ruling.OPEN)
    for objection in waiting.select_related("computation__round").order_by("raised_at"):
        round_ = objection.computation.round
        yield Waiting(
            _("Answer an objection to the result of %(round)s") % {"round": round_.name},
            reverse("objection-answer", args=[organisation.slug, round_.slug, objection.pk]),
        )


def _to_sign(organisation: Organisation) -> Iterator[Waiting]:
    texts = Computation.objects.filter(results_text__isnull=False, round__state=State.PROVISIONAL)
    takes_part = Q(
        parties__organisation=organisation, parties__accepted_at__isnull=False, parties__left_at=None
    )
    ours = Round.objects.filter(Q(host=organisation) | takes_part, pk__in=texts.values("round")).distinct()
    for round_ in ours.select_related("host"):
        computation = latest(round_) if organisation in signers_of(round_) else None
        if computation and results_text_of(computation) and organisation in missing_signatures(computation):
            yield Waiting(
                _("Sign the result of %(round)s") % {"round": round_.name},
                reverse("results-signing", args=[organisation.slug, round_.slug]),
            )


def _round_of_trio(organisation: Organisation, slug: str) -> Round:
    """A public round in which the organisation has a part. Raises Http404."""
    round_ = shown_round(slug)
    if organisation not in signers_of(round_):
        raise Http404
    return round_


def _statement(organisation: Organisation, round_: Round) -> FunderStatement:
    found = statements_of(organisation, round_)
    if found is None:
        raise Http404
    return found
