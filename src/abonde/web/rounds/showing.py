"""What the pages of rounds share: the round by the database's clock, the words for its states and steps, who signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.organisations.models import Kind, Organisation
from abonde.rounds.actions import advance_round
from abonde.rounds.models import Round, SignedText
from abonde.rounds.queries import round_of, signers_of
from abonde.rounds.readiness import Step, next_steps
from abonde.rounds.rules import next_by_clock
from abonde.rounds.signing import CheckedSignature, checked_signatures
from abonde.rounds.states import State
from abonde.web.wording import sentences
from abonde.web.workspaces import AgentRequest

STATES: Final[Mapping[State, tuple[str | Promise, str]]] = {
    State.DRAFT: (gettext_lazy("Draft"), "neutral"),
    State.APPLICATIONS: (gettext_lazy("Applications"), "live"),
    State.SELECTION: (gettext_lazy("Selection"), "warning"),
    State.GIVING: (gettext_lazy("Giving"), "live"),
    State.CLOSED: (gettext_lazy("Closed"), "neutral"),
    State.PROVISIONAL: (gettext_lazy("Provisional result"), "warning"),
    State.FINAL: (gettext_lazy("Final result"), "success"),
    State.PAYING_OUT: (gettext_lazy("Paying out"), "success"),
    State.ARCHIVED: (gettext_lazy("Archived"), "neutral"),
    State.CANCELLED: (gettext_lazy("Given up"), "neutral"),
    State.CALLED_OFF: (gettext_lazy("Called off"), "danger"),
}
"""The word for each state, and its tone for components/state.html."""

STEPS: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "identity": (gettext_lazy("Name and words"), "round-identity"),
    "territory": (gettext_lazy("Territory"), "round-territory"),
    "challenges": (gettext_lazy("Challenges"), "round-challenges"),
    "calendar": (gettext_lazy("Calendar"), "round-calendar"),
    "rules": (gettext_lazy("Rules of matching"), "round-matching"),
    "trio": (gettext_lazy("Certifier and funders"), "round-trio"),
    "register": (gettext_lazy("Register"), "round-register"),
    "fund": (gettext_lazy("Fund"), "fund"),
    "signatures": (gettext_lazy("Signatures"), "round-signatures"),
}
"""The words for each step of setting up, and the name of its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step as the checklist and components/steps.html show it."""

    key: str
    label: str | Promise
    url: str
    state: str
    done: bool
    optional: bool
    next: bool
    lacking: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """An organisation of the trio, and its signature under a text, if there is one."""

    organisation: Organisation
    signature: CheckedSignature | None


def shown_round(slug: str) -> tuple[Round, datetime]:
    """A round that anyone may see, moved on if its time has come, and the instant of reading (UTC). Raises Http404."""
    try:
        round_ = round_of(slug)
        read_at: datetime = round_.read_at  # type: ignore[attr-defined]  # annotated by the query
        if next_by_clock(round_, read_at) is not None:
            advance_round(round_.pk)
            round_ = round_of(slug)
    except Round.DoesNotExist:
        raise Http404 from None
    return round_, read_at


def shown_steps(request: AgentRequest, round: Round, here: str = "") -> list[ShownStep]:  # noqa: A002
    """The checklist of a draft; the step `here` is the current one."""
    found = next_steps(round)
    next_one = next((step.key for step in found if step.lacking and step.key != here), "")
    return [_shown(step, request.organisation, round, here, next_one) for step in found]


def on_the_way(request: AgentRequest, round: Round, here: str) -> dict[str, Any]:  # noqa: A002
    """What `rounds/step.html` says of the way of a draft: its steps, which one this is, and where it goes on."""
    onward = step_after(request, round, here)
    return {
        "steps": shown_steps(request, round, here=here),
        "number": list(STEPS).index(here) + 1,
        "onward": onward,
    }


def step_after(request: AgentRequest, round: Round, step: str) -> str:  # noqa: A002
    """The address of the step that follows one of setting up, in the order in which they are best done; "" at the last."""
    keys = list(STEPS)
    following = keys[keys.index(step) + 1 :]
    return reverse(STEPS[following[0]][1], args=[request.organisation.slug, round.slug]) if following else ""


def signers(round: Round, text: SignedText | None) -> list[Signer]:  # noqa: A002
    """The trio, each with its signature under the text."""
    made = {one.signature.organisation_id: one for one in checked_signatures(text)} if text else {}
    return [Signer(organisation=one, signature=made.get(one.pk)) for one in signers_of(round)]


def by_kind(organisations: list[Organisation]) -> dict[str, list[Organisation]]:
    """The trio as a page names it: its certifier and its funders."""
    return {
        "certifiers": [one for one in organisations if one.kind == Kind.CERTIFIER],
        "funders": [one for one in organisations if one.kind == Kind.FUNDER],
    }


def trail(request: AgentRequest, round: Round | None = None) -> list[tuple[str, str]]:  # noqa: A002
    """Where a page of the workspace stands."""
    org = request.organisation.slug
    found = [(_("Rounds"), reverse("workspace-rounds", args=[org]))]
    if round is not None:
        found.append((round.name, reverse("workspace-round", args=[org, round.slug])))
    return found


def _shown(
    step: Step,
    organisation: Organisation,
    round: Round,  # noqa: A002
    here: str,
    next_one: str,
) -> ShownStep:
    label, name = STEPS[step.key]
    state = "done" if step.done else "wrong" if step.wrong else "todo"
    return ShownStep(
        key=step.key,
        label=label,
        url=reverse(name, args=[organisation.slug, round.slug]),
        state="current" if step.key == here else state,
        done=step.done,
        optional=step.optional,
        next=step.key == next_one,
        lacking=[sentence for refusal in step.lacking for sentence in sentences(refusal)],
    )
