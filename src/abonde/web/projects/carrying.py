"""The workspace of those who carry a project."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.core.clock import present_time
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.carrying import invitation_of
from abonde.projects.models import Appeal, Project, Update
from abonde.projects.queries import held_by, holders_of, is_public, questions_of
from abonde.projects.rules import DECIDING, EDITABLE, LEAVING
from abonde.projects.states import TRANSITIONS, State
from abonde.rounds.states import State as RoundState
from abonde.web.projects.carrying_forms import AppealForm, EmailForm, NewsForm
from abonde.web.projects.entering import PersonRequest, holder_required
from abonde.web.projects.money import money_of
from abonde.web.projects.sharing import passed_on
from abonde.web.projects.showing import next_part, parts_of, state_of
from abonde.web.projects.waiting import waits_in, with_counts
from abonde.web.projects.words import VERDICTS
from abonde.web.rounds.standing import liveliest
from abonde.web.saving import Versioned
from abonde.web.workspaces import told


@login_required
def my_projects(request: PersonRequest) -> HttpResponse:
    """What waits in the projects that a person carries, then the projects."""
    held = sorted(with_counts(held_by(request.user)), key=lambda one: (liveliest(one.round), -one.round_id))
    rounds = [
        (round_, [(project, state_of(project)) for project in projects])
        for round_, projects in groupby(held, key=lambda one: one.round)
    ]
    context = {"waiting": waits_in(held), "rounds": rounds}
    return render(request, "projects/my_projects.html", context)


@holder_required
def my_project(request: PersonRequest, project: Project) -> HttpResponse:
    """Where a project stands, what was decided, what can be done now."""
    reviews = project.reviews.select_related("appeal").order_by("-id")
    appealed = Appeal.objects.filter(review__project=project).exists()
    writing = project.state in EDITABLE
    context = {
        "project": project,
        "round": project.round,
        "state": state_of(project),
        "reviews": [(review, VERDICTS[review.verdict]) for review in reviews],
        "steps": parts_of(project, current=None) if writing else [],
        "next_part": next_part(project) if writing else None,
        "writing": writing,
        "may_appeal": project.state == State.REFUSED and not appealed and project.round.state in DECIDING,
        "may_leave": State.WITHDRAWN in TRANSITIONS[State(project.state)] and project.round.state in LEAVING,
        "holders": holders_of(project),
        "news": project.updates.filter(hidden_at=None).count(),
        "questions": questions_of(project).filter(answered_at=None).count(),
        "is_public": is_public(project),
        "waits": project.round.state in {RoundState.APPLICATIONS, RoundState.SELECTION},
    }
    if context["is_public"]:
        context |= {**money_of(project), **passed_on(project)}
    return render(request, "projects/my_project.html", context)


@holder_required
def team(request: PersonRequest, project: Project) -> HttpResponse:
    """Who carries the project, and inviting somebody more."""
    form = EmailForm(request.POST or None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            actions.invite_holder(person=request.user, project_id=project.pk, email=email)
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("An e-mail is on its way to {email}.").format(email=email))
            return redirect("project-team", project.pk)
    waiting = project.holder_invitations.filter(accepted_at=None, expires_at__gt=present_time())
    context = {
        "project": project,
        "round": project.round,
        "holders": holders_of(project),
        "waiting": waiting,
        "form": form,
    }
    return render(request, "projects/team.html", context)


@login_required
def invitation(request: PersonRequest, token: str) -> HttpResponse:
    """Join those who carry a project."""
    if request.method == "POST":
        try:
            project = actions.accept_holder_invitation(person=request.user, token=token)
        except Refusal as refusal:
            told(request, refusal)
            return redirect("my-projects")
        return redirect("my-project", project.pk)
    found = invitation_of(token)
    if found is None:
        return render(request, "projects/invitation_gone.html", status=404)
    context = {
        "title": _("Run this project too?"),
        "sentence": f"{found.project.name} – {found.project.round.name}",
        "consequences": [
            _("You can write in the application, publish news and withdraw the project."),
            _("You receive the e-mails about it."),
        ],
        "action": _("Run this project"),
        "cancel_url": reverse("my-projects"),
    }
    return render(request, "components/confirm.html", context)


@holder_required
def news(request: PersonRequest, project: Project) -> HttpResponse:
    """News of the project, and publishing some."""
    form = NewsForm(request.POST or None)
    if form.is_valid() and _published(request, project, form):
        messages.success(request, _("Your news is on the project’s page."))
        return redirect("project-news", project.pk)
    context = {
        "project": project,
        "round": project.round,
        "form": form,
        "updates": project.updates.filter(hidden_at=None),
        "public": project.state == State.SELECTED,
    }
    return render(request, "projects/news.html", context)


@holder_required
def hide(request: PersonRequest, project: Project, update_pk: int) -> HttpResponse:
    """Take one's news off the page, once confirmed."""
    update = get_object_or_404(project.updates.filter(hidden_at=None), pk=update_pk)
    return hidden(request, request.user, update, reverse("project-news", args=[project.pk]))


def hidden(request: HttpRequest, person: Person, update: Update, back: str) -> HttpResponse:
    """The confirmation page that takes news off a project's page."""
    if request.method == "POST":
        actions.hide_update(person=person, update_id=update.pk)
        messages.success(request, _("The news is no longer on the project’s page."))
        return redirect(back)
    context = {
        "title": _("Take this news off the page?"),
        "sentence": update.title,
        "consequences": [_("Nobody will read it any more; it cannot be put back.")],
        "action": _("Take it off"),
        "dangerous": True,
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context)


@holder_required
def appeal(request: PersonRequest, project: Project) -> HttpResponse:
    """Answer a refusal, once."""
    form = AppealForm(request.POST or None, initial={"version": project.version})
    if form.is_valid():
        try:
            actions.appeal(
                person=request.user,
                project_id=project.pk,
                seen=form.cleaned_data["version"],
                text=form.cleaned_data["text"],
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Your appeal has been handed in. You will receive an e-mail."))
            return redirect("my-project", project.pk)
    refusal_review = project.reviews.order_by("-id").first()
    context = {"project": project, "round": project.round, "form": form, "review": refusal_review}
    return render(request, "projects/appeal.html", context)


@holder_required
def withdraw(request: PersonRequest, project: Project) -> HttpResponse:
    """Take the project out of the round, once confirmed."""
    form = Versioned(request.POST or None, initial={"version": project.version})
    if form.is_valid() and _withdrawn(request, project, form):
        messages.success(request, _("The project has been withdrawn."))
        return redirect("my-project", project.pk)
    consequences = [_("This cannot be undone.")]
    if project.state == State.DRAFT:
        consequences.append(_("Nobody but those who run it has seen it, and nobody will."))
    elif not project.selected_at:
        consequences.append(
            _("{host} is told, and decides on it no more.").format(host=project.round.host.name)
        )
    else:
        consequences += [
            _("Its page stays and says that the project has been withdrawn; it receives no more gifts."),
            _("What people have given to it can be paid back to them, and the fund adds nothing."),
        ]
    if project.round.state == RoundState.PROVISIONAL:
        consequences.append(
            _("The provisional result is computed again without it, and everyone sees what changed and why.")
        )
    context = {
        "title": _("Withdraw the project?"),
        "sentence": project.name,
        "consequences": consequences,
        "action": _("Withdraw the project"),
        "dangerous": True,
        "form": form,
        "cancel_url": reverse("my-project", args=[project.pk]),
    }
    return render(request, "components/confirm.html", context)


def _withdrawn(request: PersonRequest, project: Project, form: Versioned) -> bool:
    try:
        actions.withdraw_project(
            person=request.user, project_id=project.pk, seen=form.cleaned_data["version"]
        )
    except Refusal as refusal:
        told(request, refusal, form)
        return False
    return True


def _published(request: PersonRequest, project: Project, form: BaseForm) -> bool:
    title, body = form.cleaned_data["title"], form.cleaned_data["body"]
    try:
        actions.publish_update(person=request.user, project_id=project.pk, title=title, body=body)
    except Refusal as refusal:
        told(request, refusal, form)
        return False
    return True
