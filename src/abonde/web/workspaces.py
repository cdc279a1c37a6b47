"""What the pages of every workspace share: who may enter, and what waits there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation, Role
from abonde.organisations.permissions import NotAllowed, has_second_factor, role_of
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.web.knowledge import NotTheirsToKnow, only_what_concerns
from abonde.web.wording import sentences

Rest = ParamSpec("Rest")
logger = logging.getLogger(__name__)

WAY_BACK: Final = "after_second_factor"
"""Where in the session stands the page that an agent wanted before setting up a second factor."""


class AgentRequest(HttpRequest):
    """The request of an agent inside a workspace."""

    user: Person
    organisation: Organisation
    role: Role


AgentView = Callable[Concatenate[AgentRequest, str, Rest], HttpResponseBase]
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for an agent: what, where, and until when (UTC) if it cannot wait for ever."""

    text: str
    url: str
    until: datetime | None = None


waiting: Final[list[Callable[[Organisation, Person], list[Waiting]]]] = []
"""What is asked for the dashboard of an organisation; each room of pages adds its own function."""


@dataclass(frozen=True, slots=True)
class Link:
    """One room of a workspace."""

    text: str
    url: str
    here: bool = False


ORDER: Final = (
    "campagnes",
    "candidatures",
    "questions",
    "paiements",
    "fonds",
    "guichet",
    "registres",
    "fournisseurs",
    "equipe",
    "organisation",
    "journal",
)
"""Rooms by the last word of their address, as the work of an organisation goes: its rounds first, itself last."""

rooms: Final[list[Callable[[Organisation, Role], list[Link]]]] = []
"""What is asked for the navigation of a workspace; each room of pages adds its own function."""


def links_for(request: AgentRequest) -> list[Link]:
    """The navigation of the workspace; the link of the present room is marked."""
    organisation = request.organisation
    inside = [link for ask in rooms for link in ask(organisation, request.role)]
    inside.append(Link(_("Team"), reverse("workspace-team", args=[organisation.slug])))
    if request.role == Role.MANAGER:
        inside.append(Link(_("Organisation"), reverse("workspace-organisation", args=[organisation.slug])))
    inside.sort(key=lambda link: ORDER.index(_name(link)) if _name(link) in ORDER else len(ORDER))
    links = [Link(_("What is waiting for you"), reverse("workspace", args=[organisation.slug])), *inside]
    # Reviews and payments of a round lie below the round: the room that an address names last is where one is.
    route = request.resolver_match.route.split("/") if request.resolver_match else []
    depths = [route.index(name) if (name := _name(link)) in route else 0 for link in links]
    here = depths.index(max(depths))
    return [replace(link, here=place == here) for place, link in enumerate(links)]


def _name(link: Link) -> str:
    return link.url.split("/")[-2]


def agent_required(*roles: Role) -> Callable[[AgentView[Rest]], View]:
    """For views `(request, org, …)`: let agents of the organisation `org` in who have one of `roles`, or manage it.

    No roles: any agent. Strangers are asked to log in; other organisations' people find no such page (404); an agent in
    another role is told so (403), as is one whom an action refuses. Agents without a second factor set one up first.
    """

    def guarded(view: AgentView[Rest]) -> View:
        @wraps(view)
        def enter(request: HttpRequest, org: str, *rest: Rest.args, **more: Rest.kwargs) -> HttpResponseBase:
            person = request.user
            if not isinstance(person, Person):
                return redirect_to_login(request.get_full_path())
            organisation = get_object_or_404(Organisation, slug=org)
            role = role_of(person, organisation)
            if role is None:
                raise Http404
            if not has_second_factor(person):
                messages.info(
                    request,
                    _("To act for {organisation}, first add a second proof of who you are.").format(
                        organisation=organisation.name
                    ),
                )
                request.session[WAY_BACK] = request.get_full_path()
                return redirect("mfa_index")
            request.session.pop(WAY_BACK, None)
            request.organisation, request.role = organisation, role  # type: ignore[attr-defined]
            if roles and role not in {Role.MANAGER, *roles}:
                return _not_for_this_role(request, organisation)
            try:
                with only_what_concerns(organisation, request.method):
                    return view(request, org, *rest, **more)  # type: ignore[arg-type]
            except NotAllowed as refusal:
                told(request, refusal)
                return render(request, "errors/403.html", status=403)
            except NotTheirsToKnow as mistake:
                logger.warning("%s is no page for a %s", view.__name__, organisation.kind)
                raise Http404 from mistake

        return enter

    return guarded


def host_round(request: AgentRequest, slug: str) -> Round:
    """The round of the workspace's host; another host's does not exist here (404)."""
    return get_object_or_404(Round.objects.select_related("host"), host=request.organisation, slug=slug)


def told(request: HttpRequest, refusal: Refusal, form: forms.BaseForm | None = None) -> None:
    """Say a refusal in the visitor's language: above the form, or as a message of the next page."""
    for sentence in sentences(refusal):
        if form is not None:
            form.add_error(None, sentence)
        else:
            messages.error(request, sentence)


def done(request: HttpRequest, sentence: str, *, undo: str) -> None:
    """Say what was done, with a link to the page where it is changed back."""
    messages.success(request, format_html('{} <a href="{}">{}</a>', sentence, undo, _("Change it back")))


def _not_for_this_role(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    told(
        request,
        NotAllowed(
            "This needs another role at {organisation}: ask one of its managers.",
            organisation=organisation.name,
        ),
    )
    return render(request, "errors/403.html", status=403)
