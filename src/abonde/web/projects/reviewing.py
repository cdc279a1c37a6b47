"""The host's review of applications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from abonde.core.editing import ChangedMeanwhile
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.guards import require_decider, require_other_decider
from abonde.projects.models import Appeal, AttachmentKind, LegalPerson, Project, Verdict
from abonde.projects.queries import applications, deciders_of, history_of, holders_of
from abonde.projects.rules import DECIDING
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from abonde.web.projects.carrying import hidden
from abonde.web.projects.forms import ConflictForm, DecisionForm
from abonde.web.projects.showing import state_of, story_context
from abonde.web.projects.words import DEEDS, VERDICTS
from abonde.web.rounds.standing import liveliest
from abonde.web.wording import sentences
from abonde.web.workspaces import AgentRequest, Link, Waiting, agent_required, host_round, told

CHOICES: Final[Mapping[str, tuple[tuple[Verdict, Promise], ...]]] = {
    State.SUBMITTED: (
        (Verdict.ADMIT, gettext_lazy("It meets the conditions")),
        (Verdict.RETURN, gettext_lazy("It has to be completed")),
        (Verdict.REFUSE, gettext_lazy("It is refused")),
    ),
    State.ADMITTED: (
        (Verdict.SELECT, gettext_lazy("It is selected")),
        (Verdict.REFUSE, gettext_lazy("It is refused")),
    ),
    State.APPEALED: (
        (Verdict.ADMIT, gettext_lazy("The appeal is right: it meets the conditions")),
        (Verdict.REFUSE, gettext_lazy("The refusal stands")),
    ),
}
"""What can be decided in each state."""


@agent_required()
def rounds(request: AgentRequest, org: str) -> HttpResponse:  # noqa: ARG001  agent_required reads it
    """The rounds of the host that have received applications, the liveliest first."""
    handed_in = Count("projects", filter=Q(projects__submitted_at__isnull=False))
    to_read = Count("projects", filter=Q(projects__state__in=[State.SUBMITTED, State.APPEALED]))
    found = (
        Round.objects.filter(host=request.organisation)
        .annotate(handed_in=handed_in, to_read=to_read)
        .filter(handed_in__gt=0)
        .order_by("-created_at", "-id")
    )
    shown = sorted(found, key=liveliest)
    return render(
        request, "projects/review_rounds.html", {"rounds": shown, "organisation": request.organisation}
    )


@agent_required()
def review(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """One application, whole, with its history; a reviewer decides here."""
    found = host_round(request, round_slug)
    project = get_object_or_404(applications(found), pk=pk)
    project.round = found
    form = DecisionForm(
        request.POST or None,
        initial={"version": project.version},
        verdicts=list(CHOICES.get(project.state, ())),
    )
    if request.method == "POST" and form.is_valid() and _decided(request, project, form):
        following = _around(project)["following"] if "next" in request.POST else None
        return redirect("review", org, round_slug, following or pk)
    context = {
        **story_context(project),
        **_around(project),
        **_may(request, project),
        "organisation": request.organisation,
        "round": found,
        "form": form,
        "state": state_of(project),
    }
    return render(request, "projects/review.html", context)


@agent_required()
def conflict(request: AgentRequest, org: str, round_slug: str, pk: int) -> HttpResponse:
    """Declare a tie to a project, once and for all."""
    found = host_round(request, round_slug)
    project = get_object_or_404(applications(found), pk=pk)
    form = ConflictForm(request.POST or None)
    if form.is_valid():
        try:
            actions.declare_conflict(
                person=request.user, project_id=project.pk, text=form.cleaned_data["text"]
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Your tie is noted: your colleagues decide about this project."))
            return redirect("review", org, round_slug, pk)
    context = {
        "title": _("Declare a tie to this project?"),
        "sentence": project.name,
        "consequences": [_("You no longer decide about this project; this cannot be undone.")],
        "action": _("Declare the tie"),
        "form": form,
        "cancel_url": reverse("review", args=[org, round_slug, pk]),
    }
    return render(request, "components/confirm.html", context)


@agent_required(Role.REVIEWER)
def hide(request: AgentRequest, org: str, round_slug: str, pk: int, update_pk: int) -> HttpResponse:
    """Take news off a project's page, once confirmed."""
    project = get_object_or_404(applications(host_round(request, round_slug)), pk=pk)
    update = get_object_or_404(project.updates.filter(hidden_at=None), pk=update_pk)
    return hidden(request, request.user, update, reverse("review", args=[org, round_slug, pk]))


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001  every agent may read
    """The room of a host's workspace where applications are."""
    if organisation.kind != Kind.HOST:
        return []
    return [Link(_("Applications"), reverse("review-rounds", args=[organisation.slug]))]


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """What the dashboard of a host says of applications, round by round."""
    if organisation.kind != Kind.HOST or role_of(person, organisation) not in {Role.MANAGER, Role.REVIEWER}:
        return []
    rounds = Round.objects.filter(
        host=organisation, state__in=DECIDING, projects__state__in=[State.SUBMITTED, State.APPEALED]
    )
    return [
        Waiting(
            ngettext(
                "{number} application to read in {round}", "{number} applications to read in {round}", number
            ).format(number=number, round=found.name),
            reverse("review-queue", args=[organisation.slug, found.slug]),
            None if found.state == RoundState.GIVING else found.giving_opens_at,
        )
        for found in rounds.annotate(number=Count("projects"))
        if (number := found.number)
    ]


def _decided(request: AgentRequest, project: Project, form: DecisionForm) -> bool:
    deeds = {
        Verdict.RETURN: actions.return_application,
        Verdict.ADMIT: actions.admit,
        Verdict.SELECT: actions.select,
        Verdict.REFUSE: actions.refuse,
    }
    told_by_form = form.cleaned_data
    try:
        deeds[Verdict(told_by_form["verdict"])](
            person=request.user,
            project_id=project.pk,
            seen=told_by_form["version"],
            reasons=told_by_form["reasons"],
        )
    except ChangedMeanwhile:
        form.add_error(None, _("This application has changed meanwhile: look at the page as it is now."))
        return False
    except Refusal as refusal:
        told(request, refusal, form)
        return False
    messages.success(request, _("Your decision is kept, and those who run the project receive an e-mail."))
    return True


def _may(request: AgentRequest, project: Project) -> dict[str, object]:
    """Whether the agent decides now, or the sentence that says why not."""
    if project.state not in CHOICES or project.round.state not in DECIDING:
        return {"may_decide": False, "why_not": []}
    try:
        require_decider(request.user, project)
        if project.state == State.APPEALED:
            appeal = Appeal.objects.select_related("review__reviewer").get(review__project=project)
            require_other_decider(request.user, project, appeal.review.reviewer)
    except Refusal as refusal:
        return {"may_decide": False, "why_not": sentences(refusal)}
    return {"may_decide": True, "why_not": []}


def _around(project: Project) -> dict[str, object]:
    """The file of an application: decisions, ties, documents, history, and its neighbours among those that wait."""
    reviews = project.reviews.select_related("reviewer", "appeal", "appeal__person").order_by("-id")
    queue_keys = list(
        applications(project.round, states=[State.SUBMITTED, State.APPEALED]).values_list("pk", flat=True)
    )
    earlier = [key for key in queue_keys if key < project.pk]
    later = [key for key in queue_keys if key > project.pk]
    return {
        "reviews": [(one, VERDICTS[one.verdict]) for one in reviews],
        "conflicts": project.conflicts.select_related("person"),
        "documents": project.attachments.filter(kind=AttachmentKind.DOCUMENT),
        "legal": LegalPerson.objects.filter(project=project).first(),
        "holders": holders_of(project),
        "updates": project.updates.filter(hidden_at=None),
        "deciders": len(deciders_of(project)),
        "history": [(deed, DEEDS.get(deed.verb, deed.verb)) for deed in history_of(project)],
        "waiting": len(queue_keys),
        "previous": earlier[-1] if earlier else None,
        "following": later[0] if later else None,
    }
