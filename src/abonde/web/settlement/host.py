"""The host's way from the close of a round to its final result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement import tasks
from abonde.settlement.actions import ask_signatures, compute_result, decide_objection, finalise
from abonde.settlement.models import Ruling
from abonde.settlement.queries import (
    computations_of,
    is_large,
    latest,
    missing_signatures,
    objections_of,
    open_objections,
    results_text_of,
    undecided_payments,
)
from abonde.web.listing import Listing
from abonde.web.pieces import Underway, how_far
from abonde.web.proof import is_proved, proof_form
from abonde.web.settlement.forms import AnswerForm, ComputeForm
from abonde.web.settlement.objecting import ObjectionsForm, asked, columns
from abonde.web.settlement.showing import SETTLED, may_object, signers
from abonde.web.settlement.words import RULINGS
from abonde.web.wording import money
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_safe
@agent_required()
def workspace(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """What is done, what is next, what holds it up."""
    found = host_round(request, round_slug)
    computation = latest(found)
    text = results_text_of(computation) if computation else None
    context = {
        "round": found,
        "computation": computation,
        "computations": computations_of(found),
        "late": undecided_payments(found).count(),
        "open_objections": open_objections(found).count(),
        "objections": objections_of(found).count(),
        "may_object": may_object(found),
        "text": text,
        "signers": signers(found, text),
        "missing": missing_signatures(computation) if computation else [],
        "is_final": found.state in SETTLED,
        "is_closed": found.state in {State.CLOSED, State.PROVISIONAL, *SETTLED},
        "is_underway": _underway(_job(found)) is not None,
        "may_compute": _may_compute(request),
    }
    return render(request, "settlement/workspace.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def compute(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Compute the result, or compute it again; a large one while a page shows how far it is."""
    found = host_round(request, round_slug)
    before, late = latest(found), undecided_payments(found).count()
    reason = "" if before else _("First computation, after the close of the round.")
    form = ComputeForm(request.POST or None, late=late, initial={"reason": reason})
    if request.method == "POST" and form.is_valid():
        without_late = bool(form.cleaned_data.get("without_late"))
        if late and not without_late:
            form.add_error(
                "without_late", _("Payments are still under way: wait for them, or tick this box.")
            )
        elif is_large(found):
            _defer(found, request, form.cleaned_data["reason"], without_late=without_late)
            return redirect("results-progress", org, round_slug)
        elif _computed(request, found, form, without_late=without_late):
            return redirect("results-workspace", org, round_slug)
    context = {
        "round": found,
        "form": form,
        "before": before,
        "late": late,
        "consequences": _consequences(found, again=before is not None),
    }
    return render(request, "settlement/compute.html", context)


@require_safe
@agent_required()
def progress(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """The computation of a large round: the page comes again by itself until it is done."""
    found = host_round(request, round_slug)
    job = _job(found)
    underway = _underway(job)
    if (bar := how_far(request, underway)) is not None:
        return bar
    if job is None or job.status == "succeeded":
        return redirect("results-workspace", org, round_slug)
    context = {"round": found, "underway": underway, "may_compute": _may_compute(request)}
    return render(request, "settlement/progress.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def ask(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Write the text of the result, and ask the trio to sign it."""
    found = host_round(request, round_slug)
    back = reverse("results-workspace", args=[org, round_slug])
    if request.method == "POST":
        try:
            ask_signatures(person=request.user, round=found)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The text is ready, and everyone who signs receives an e-mail."))
        return redirect(back)
    context = {
        "title": _("Ask for the signatures?"),
        "sentence": _(
            "The result is written down as a text that the host, the certifier and the funders sign."
        ),
        "consequences": [
            _("Those who may sign for each of them receive an e-mail."),
            _("If gifts, voices or pots still change, the result is computed again and signed anew."),
        ],
        "action": _("Ask for the signatures"),
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.TREASURER)
def make_final(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """Make the signed result final."""
    found = host_round(request, round_slug)
    back = reverse("results-workspace", args=[org, round_slug])
    proof = proof_form(request)
    if request.method == "POST" and is_proved(proof):
        try:
            finalise(person=request.user, round=found)
        except Refusal as refusal:
            told(request, refusal)
        else:
            messages.success(request, _("The result is final. Everyone who waits for it receives an e-mail."))
        return redirect(back)
    computation = latest(found)
    context = {
        "title": _("Make the result final?"),
        "sentence": _("This cannot be undone."),
        "consequences": [
            _("In the accounts, %(amount)s go from the pots to the projects.")
            % {"amount": money(computation.matching if computation else 0)},
            _("%(amount)s that no project could take go back to the funders.")
            % {"amount": money(computation.left if computation else 0)},
            _("No further objection or computation is possible."),
            _("The holders of projects, the givers and the trio receive an e-mail."),
        ],
        "action": _("Make the result final"),
        "cancel_url": back,
        "form": proof,
    }
    return render(request, "components/confirm.html", context)


@require_safe
@agent_required()
def queue(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """The objections to a result, those that wait first."""
    found = host_round(request, round_slug)
    form = ObjectionsForm(request.GET)
    rows = asked(objections_of(found), form)
    listing = Listing(request, rows, columns(org, found), usual="state", name=f"{round_slug}-objections")
    if listing.is_file:
        return listing.file()
    context = {"round": found, "form": form, "listing": listing}
    return render(request, "settlement/objections_queue.html", context)


@require_http_methods(["GET", "POST"])
@agent_required(Role.REVIEWER)
def answer(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """Answer an objection."""
    found = host_round(request, round_slug)
    objection = get_object_or_404(objections_of(found).select_related("computation__round__host"), pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decide_objection(
                person=request.user,
                objection=objection,
                upheld=form.cleaned_data["ruling"] == Ruling.UPHELD,
                answer=form.cleaned_data["answer"],
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Answered. The person who objected receives your answer."))
            return redirect("objections-queue", org, round_slug)
    label, tone = RULINGS[objection.state]
    context = {"round": found, "objection": objection, "form": form, "label": label, "tone": tone}
    return render(request, "settlement/answer.html", context)


def _computed(request: AgentRequest, found: Round, form: ComputeForm, *, without_late: bool) -> bool:
    before = latest(found)
    try:
        computation = compute_result(
            round=found,
            reason=form.cleaned_data["reason"],
            person=request.user,
            without_late=without_late,
        )
    except Refusal as refusal:
        told(request, refusal, form)
        return False
    if computation == before:
        messages.info(request, _("Nothing has changed since the last computation: its result holds."))
    else:
        messages.success(request, _("The result is computed, explained, and published as provisional."))
    return True


def _defer(found: Round, request: AgentRequest, reason: str, *, without_late: bool) -> None:
    # Only what waits is held to one: a worker that was killed must not keep the next one from computing.
    waiting = tasks.compute.configure(queueing_lock=f"compute round {found.pk}")
    try:
        waiting.defer(
            round_id=found.pk, reason=reason, person_id=str(request.user.pk), without_late=without_late
        )
    except AlreadyEnqueued:
        messages.info(request, _("The computation is already asked for."))


def _job(found: Round) -> ProcrastinateJob | None:
    """The round's last computing job."""
    jobs = ProcrastinateJob.objects.filter(task_name=tasks.compute.name, args__round_id=found.pk)
    return jobs.order_by("-id").first()


def _underway(job: ProcrastinateJob | None) -> Underway | None:
    """Since when the gifts are counted: one transaction does it, so that nobody can see how far it is."""
    if job is None or job.status not in {"todo", "doing"}:
        return None
    began = ProcrastinateEvent.objects.filter(job=job, type="started").aggregate(at=Max("at"))["at"]
    if job.status == "todo" or began is None:
        return Underway(_("The computation is about to begin."))
    return Underway(_("Counting since {time}").format(time=time_format(localtime(began), "H:i:s")))


def _may_compute(request: AgentRequest) -> bool:
    return request.role in {Role.MANAGER, Role.TREASURER}


def _consequences(found: Round, *, again: bool) -> list[str]:
    days = ngettext("%(count)s day", "%(count)s days", found.objection_days) % {"count": found.objection_days}
    told_: list[Any] = [
        _("The settled gifts are counted under the rules that the trio has signed."),
        _("The result is published as provisional, with an explanation for each project."),
        _("For %(days)s, anyone may object to it.") % {"days": days},
    ]
    if again:
        told_ += [
            _("What changed since the last computation is shown to everyone, with your reason."),
            _("Signatures under the last result no longer count. If nothing has changed, nothing happens."),
        ]
    else:
        told_.append(_("The holders of projects, the givers and the trio receive an e-mail."))
    return told_
