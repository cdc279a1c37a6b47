"""What the others of the trio do with a result: sign it, and read where their money went."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.people.models import Person
from abonde.rounds.models import Round
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
from abonde.web.settlement import downloads
from abonde.web.settlement.showing import SETTLED, pot_names, shown_round, signers, state_words
from abonde.web.workspaces import AgentRequest, Link, Waiting, agent_required, told


@require_http_methods(["GET", "POST"])
@agent_required()
def signing(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Read the exact text of the result, and sign it for the organisation."""
    round_ = _round_of_trio(request.organisation, round_slug)
    computation = latest(round_)
    text = results_text_of(computation) if computation else None
    if computation is None or text is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("sha256") != text.sha256:
            messages.error(request, _("The text has changed since you opened the page: read it again."))
        else:
            try:
                sign_text(person=request.user, organisation=request.organisation, text=text)
            except Refusal as refusal:
                told(request, refusal)
            else:
                messages.success(request, _("Signed."))
        return redirect("results-signing", org, round_slug)
    missing = {one.pk for one in missing_signatures(computation)}
    context = {
        "round": round_,
        "computation": computation,
        "text": text,
        "signers": signers(round_, computation),
        "may_sign": request.role == Role.MANAGER
        and request.organisation.pk in missing
        and round_.state == State.PROVISIONAL,
        "has_signed": request.organisation.pk not in missing,
    }
    return render(request, "settlement/signing.html", context)


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


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:  # noqa: ARG001
    """What waits in an organisation's workspace because of results."""
    found = []
    if organisation.kind == Kind.HOST:
        found += _waiting_for_host(organisation)
    for round_ in _rounds_to_sign(organisation):
        computation = latest(round_)
        if computation and results_text_of(computation) and organisation in missing_signatures(computation):
            found.append(
                Waiting(
                    _("Sign the result of %(round)s") % {"round": round_.name},
                    reverse("results-signing", args=[organisation.slug, round_.slug]),
                )
            )
    return found


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001
    """The statements of a funder, one for each round with a result."""
    if organisation.kind != Kind.FUNDER:
        return []
    rounds = Round.objects.filter(
        parties__organisation=organisation,
        parties__accepted_at__isnull=False,
        parties__left_at=None,
        computations__isnull=False,
    )
    return [
        Link(
            _("Statement: %(round)s") % {"round": round_.name},
            reverse("funder-statement", args=[organisation.slug, round_.slug]),
        )
        for round_ in rounds.distinct().order_by("-giving_closes_at", "-id")
    ]


def _waiting_for_host(organisation: Organisation) -> list[Waiting]:
    found = []
    for round_ in Round.objects.filter(host=organisation, state=State.CLOSED):
        late = undecided_payments(round_).count()
        address = reverse("results-workspace", args=[organisation.slug, round_.slug])
        text = (
            _("%(round)s is closed: payments are still under way")
            if late
            else _("%(round)s is closed: compute its result")
        )
        found.append(Waiting(text % {"round": round_.name}, address))
    waiting = Objection.objects.filter(computation__round__host=organisation, state=Ruling.OPEN)
    for objection in waiting.select_related("computation__round").order_by("raised_at"):
        round_ = objection.computation.round
        found.append(
            Waiting(
                _("Answer an objection to the result of %(round)s") % {"round": round_.name},
                reverse("objection-answer", args=[organisation.slug, round_.slug, objection.pk]),
            )
        )
    return found


def _rounds_to_sign(organisation: Organisation) -> list[Round]:
    texts = Computation.objects.filter(results_text__isnull=False, round__state=State.PROVISIONAL)
    rounds = Round.objects.filter(pk__in=texts.values("round")).select_related("host")
    return [round_ for round_ in rounds if organisation in signers_of(round_)]


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
