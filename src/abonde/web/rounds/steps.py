"""The steps of setting a round up: each is a page that saves by itself."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonde import territories
from abonde.core.editing import ChangedMeanwhile
from abonde.matching.refusal import Refusal, Refusals
from abonde.matching.rules import PRESETS
from abonde.organisations.models import Role
from abonde.rounds.actions import (
    edit_round_calendar,
    edit_round_challenges,
    edit_round_identity,
    edit_round_register,
    edit_round_rules,
    edit_round_territory,
    open_round_register,
)
from abonde.rounds.calendar import CalendarRefusal
from abonde.rounds.models import Round
from abonde.rounds.queries import registers_for
from abonde.rounds.states import State
from abonde.web.rounds.forms import (
    CalendarForm,
    ChallengeForm,
    ChallengeForms,
    IdentityForm,
    OpenRegisterForm,
    RegisterForm,
    challenge_keys,
    challenge_rows,
    written_challenges,
)
from abonde.web.rounds.matching_form import MatchingForm, initial_of
from abonde.web.rounds.showing import on_the_way, shown_steps, step_after, trail
from abonde.web.saving import Versioned, how_saved, is_saving, told_of
from abonde.web.wording import sentences
from abonde.web.workspaces import AgentRequest, agent_required, host_round, told


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def identity(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """Name and words."""
    round_ = host_round(request, round_slug)
    initial = {name: getattr(round_, name) for name in ("name", "summary", "description", "version")}
    form = IdentityForm(request.POST or None, initial=initial)

    def save() -> Round:
        words = {name: form.cleaned_data[name] for name in ("name", "summary", "description")}
        return edit_round_identity(person=request.user, round_id=round_.pk, seen=_seen(form), **words)

    return _saved(request, round_, "identity", form, save) or _page(request, round_, "identity", form)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def territory(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """Look communes and intercommunalités up, add them, take them out."""
    round_ = host_round(request, round_slug)
    words = request.GET.get("q", "")
    if request.method == "POST":
        form = Versioned(request.POST)
        codes = _without(round_.territory, request.POST.get("remove")) + request.POST.getlist("add")

        def save() -> Round:
            return edit_round_territory(
                person=request.user, round_id=round_.pk, seen=_seen(form), territory=codes
            )

        here = reverse("round-territory", args=[request.organisation.slug, round_.slug])
        if answer := _saved(request, round_, "territory", form, save, then=here):
            return answer
        for sentence in form.non_field_errors():
            messages.error(request, str(sentence))
    chosen = territories.territory(round_.territory) if round_.territory else None
    known = set(round_.territory)
    found = [one for one in territories.search(words) if one.code not in known] if words else []
    more = {"chosen": chosen, "found": found, "words": words}
    return _page(request, round_, "territory", Versioned(initial={"version": round_.version}), **more)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def challenges(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The questions that projects answer."""
    round_ = host_round(request, round_slug)
    form = Versioned(request.POST or None, initial={"version": round_.version})
    rows = ChallengeForms(request.POST or None, initial=challenge_rows(round_.challenges.all().iterator()))

    def save() -> Round:
        return edit_round_challenges(
            person=request.user, round_id=round_.pk, seen=_seen(form), challenges=written_challenges(rows)
        )

    answer = _saved(request, round_, "challenges", form, save, rows)
    return answer or _page(request, round_, "challenges", form, rows=rows)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def calendar(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """When things happen."""
    round_ = host_round(request, round_slug)
    initial = {name: getattr(round_, name) for name in CalendarForm.base_fields}
    form = CalendarForm(request.POST or None, initial=initial)

    def save() -> Round:
        return edit_round_calendar(
            person=request.user,
            round_id=round_.pk,
            seen=_seen(form),
            calendar=form.calendar(),
            has_selection=form.cleaned_data["has_selection"],
        )

    return _saved(request, round_, "calendar", form, save) or _page(request, round_, "calendar", form)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def matching(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The rules of matching; `?preset=` shows those of a preset, which are not saved before one says so."""
    round_ = host_round(request, round_slug)
    preset = request.GET.get("preset", "")
    rules = PRESETS.get(preset, round_.rules)
    initial = {
        **initial_of(rules),
        "smallest_gift": round_.smallest_gift,
        "largest_gift": round_.largest_gift,
        "version": round_.version,
    }
    form = MatchingForm(request.POST or None, initial=initial)

    def save() -> Round:
        return edit_round_rules(
            person=request.user,
            round_id=round_.pk,
            seen=_seen(form),
            written_rules=form.written(),
            smallest_gift=form.cleaned_data["smallest_gift"],
            largest_gift=form.cleaned_data["largest_gift"],
        )

    shown = preset if preset in PRESETS else ""
    return _saved(request, round_, "rules", form, save) or _page(request, round_, "rules", form, preset=shown)


@require_http_methods(["GET", "POST"])
@agent_required(Role.MANAGER)
def register(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """Whose voices are matched."""
    round_ = host_round(request, round_slug)
    opening = "open" in request.POST
    known = registers_for(round_)
    chosen = RegisterForm(
        request.POST if request.method == "POST" and not opening else None,
        initial={"register": round_.register_id, "version": round_.version},
    )
    chosen.fields["register"].queryset = known  # type: ignore[attr-defined]
    opened = OpenRegisterForm(
        request.POST if opening else None,
        host=request.organisation,
        initial={"version": round_.version, "name": round_.name},
        prefix="new",
    )

    def save() -> Round:
        if opening:
            return open_round_register(
                person=request.user,
                round_id=round_.pk,
                seen=_seen(opened),
                strategy=opened.cleaned_data["strategy"],
                name=opened.cleaned_data["name"],
                issuers=opened.chosen(),
            )
        return edit_round_register(
            person=request.user,
            round_id=round_.pk,
            seen=_seen(chosen),
            register=chosen.cleaned_data["register"],
        )

    answer = _saved(request, round_, "register", opened if opening else chosen, save)
    return answer or _page(
        request,
        round_,
        "register",
        chosen,
        opened=opened,
        known=known.exists(),
        has_issuers="issuers" in opened.fields,
    )


def _saved(  # noqa: PLR0913, PLR0917
    request: AgentRequest,
    round: Round,  # noqa: A002  (the word of the domain)
    step: str,
    form: Versioned,
    save: Callable[[], Round],
    rows: BaseFormSet[ChallengeForm] | None = None,
    then: str = "",
) -> HttpResponse | None:
    """Save what was sent, and go on to the next step or say what is saved; None where the page is to be shown."""
    if request.method != "POST":
        return None
    by_itself = is_saving(request)
    changed = form.has_changed() or bool(rows and rows.has_changed())
    saved = None
    # Both are asked, so that all mistakes show at once.
    if all([form.is_valid(), rows is None or rows.is_valid()]) and (changed or not by_itself):
        saved = _tried(request, round, form, save, by_itself=by_itself)
    if by_itself:
        now = saved or round
        hidden = {form.add_prefix("version"): now.version, **(challenge_keys(rows, now) if rows else {})}
        steps = shown_steps(request, now, here=step)
        return how_saved(request, form, rows, hidden=hidden, steps=steps)
    if saved is None:
        return None
    messages.success(request, _("Saved."))
    return redirect(request.path if "stay" in request.POST else then or step_after(request, round, step))


def _tried(
    request: AgentRequest,
    round: Round,  # noqa: A002
    form: Versioned,
    save: Callable[[], Round],
    *,
    by_itself: bool,
) -> Round | None:
    """The round as it is saved; None where it is refused, which the form then says."""
    try:
        return save()
    except ChangedMeanwhile as refusal:
        told(request, refusal, form)
        if not by_itself:
            told_of(request, form, round.version)
    except Refusal as refusal:
        _tell(request, refusal, form)
    return None


def _tell(request: AgentRequest, refusal: Refusal, form: forms.Form) -> None:
    """Refusals of the calendar stand at their dates, the others above the form."""
    for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
        if isinstance(one, CalendarRefusal) and one.field in form.fields:
            form.add_error(one.field, sentences(one))
        else:
            told(request, one, form)


def _page(
    request: AgentRequest,
    round: Round,  # noqa: A002
    step: str,
    form: forms.Form,
    **more: object,
) -> HttpResponse:
    if round.state != State.DRAFT:
        messages.info(request, _("This round is no longer a draft: what the trio has signed stays."))
        return redirect("workspace-round", request.organisation.slug, round.slug)
    context = {
        "round": round,
        "form": form,
        **on_the_way(request, round, step),
        "trail": trail(request, round),
        # Whoever was told of another's changes compares them before anything is saved again.
        "saves_itself": not (form.non_field_errors() or more.get("preset")),
        **more,
    }
    return render(request, f"rounds/step_{step}.html", context)


def _seen(form: forms.Form) -> int:
    return int(form.cleaned_data["version"])


def _without(codes: list[str], code: str | None) -> list[str]:
    return [one for one in codes if one != code]
