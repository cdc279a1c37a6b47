"""The pages of questions: asking, answering, and taking one off the page."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation, Role
from abonde.projects import actions, texts
from abonde.projects.asking import takes_questions
from abonde.projects.models import Project
from abonde.projects.queries import questions_of, questions_to
from abonde.web.listing import Listing
from abonde.web.projects.asked import SearchForm, columns, searched
from abonde.web.projects.entering import PersonRequest, holder_required
from abonde.web.projects.forms import Words
from abonde.web.projects.showing import shown_project
from abonde.web.workspaces import AgentRequest, Link, agent_required, told


class QuestionForm(forms.Form):
    """What somebody asks."""

    question = Words(
        label=gettext_lazy("Your question"),
        max_length=texts.LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everyone can read it, without your name."),
    )


class AnswerForm(forms.Form):
    """What is answered."""

    answer = Words(
        label=gettext_lazy("Your answer"),
        max_length=texts.LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Write your answer.")},
    )


class HideForm(forms.Form):
    """Why a question is taken off the page."""

    reason = Words(
        label=gettext_lazy("Why"),
        max_length=texts.LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whoever asked reads this."),
    )


@login_required
def ask(request: PersonRequest, round_slug: str, slug: str) -> HttpResponse:
    """Ask those who carry a project something; the question stands on its page at once."""
    project = shown_project(round_slug, slug)
    form = QuestionForm(request.POST or None)
    if form.is_valid():
        try:
            actions.ask_question(
                person=request.user, project_id=project.pk, body=form.cleaned_data["question"]
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(
                request, _("Your question is on the page. You will receive an e-mail with the answer.")
            )
            return redirect(f"{reverse('project', args=[round_slug, slug])}#questions")
    context = {"project": project, "round": project.round, "form": form, "open": takes_questions(project)}
    return render(request, "projects/ask.html", context)


@holder_required
def questions(request: PersonRequest, project: Project) -> HttpResponse:
    """What people ask about one's project: first what waits for an answer."""
    asked = sorted(questions_of(project), key=lambda one: one.answered_at is not None)
    context = {"project": project, "round": project.round, "questions": asked}
    return render(request, "projects/questions.html", context)


@holder_required
def answer(request: PersonRequest, project: Project, question_pk: int) -> HttpResponse:
    """Answer a question, or word the answer anew."""
    question = get_object_or_404(questions_of(project), pk=question_pk)
    form = AnswerForm(request.POST or None, initial={"answer": question.answer})
    if form.is_valid():
        try:
            actions.answer_question(
                person=request.user, question_id=question.pk, answer=form.cleaned_data["answer"]
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("Your answer is on the project’s page."))
            return redirect("project-questions", project.pk)
    context = {"project": project, "round": project.round, "question": question, "form": form}
    return render(request, "projects/answer.html", context)


@agent_required()
def asked_of_host(request: AgentRequest, org: str) -> HttpResponse:
    """All questions in the host's rounds, with those that were taken off."""
    form = SearchForm(request.organisation, request.GET)
    rows = searched(questions_to(request.organisation), form)
    may_hide = request.role in {Role.MANAGER, Role.REVIEWER}
    listing = Listing(request, rows, columns(org, may_hide=may_hide), usual="-asked", name="questions")
    if listing.is_file:
        return listing.file()
    context = {"organisation": request.organisation, "form": form, "listing": listing}
    return render(request, "projects/host_questions.html", context)


@agent_required(Role.REVIEWER)
def hide(request: AgentRequest, org: str, question_pk: int) -> HttpResponse:
    """Take a question and its answer off the page, with a reason."""
    question = get_object_or_404(questions_to(request.organisation).filter(hidden_at=None), pk=question_pk)
    form, back = HideForm(request.POST or None), reverse("questions", args=[org])
    if form.is_valid():
        try:
            actions.hide_question(
                person=request.user, question_id=question.pk, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            messages.success(request, _("The question is no longer on the project’s page."))
            return redirect(back)
    context = {
        "title": _("Take this question off the page?"),
        "sentence": question.body,
        "consequences": [
            _("Nobody reads the question and its answer any more; they cannot be put back."),
            _("Whoever asked receives an e-mail with your reason."),
        ],
        "action": _("Take it off"),
        "dangerous": True,
        "form": form,
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context)


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001  every agent may read
    """The room of a host's workspace where questions are."""
    if organisation.kind != Kind.HOST:
        return []
    return [Link(_("Questions"), reverse("questions", args=[organisation.slug]))]
