"""The rounds of an organisation on its dashboard: where each stands, and the date that matters now, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from abonde.organisations.models import Kind, Organisation
from abonde.rounds.models import Round
from abonde.rounds.queries import invitations_of, rounds_of_host
from abonde.rounds.states import State
from abonde.rounds.wording import moment
from abonde.web.rounds.showing import STATES
from abonde.web.workspaces import Link

OVER: Final = (State.ARCHIVED, State.CANCELLED)
"""Rounds in which nothing happens any more: they stand in the list of rounds only."""
ORDER: Final = (
    State.GIVING,
    State.CLOSED,
    State.PROVISIONAL,
    State.SELECTION,
    State.APPLICATIONS,
    State.DRAFT,
    State.FINAL,
    State.PAYING_OUT,
    State.CALLED_OFF,
    *OVER,
)
WITH_GIFTS: Final = frozenset({State.GIVING, State.CLOSED})
WITH_RESULTS: Final = frozenset({State.PROVISIONAL, State.FINAL, State.PAYING_OUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A round: its word and tone, the sentence of its date, its room, and what one looks at now."""

    round: Round
    state: tuple[str | Promise, str]
    sentence: str
    url: str
    links: list[Link]


def standing_of(organisation: Organisation) -> list[Standing]:
    """The rounds of a host, or those in which another takes part: the liveliest first, then the newest. One query."""
    rounds = sorted(_rounds(organisation), key=liveliest)
    return [_standing(organisation, one) for one in rounds if one.state not in OVER]


def liveliest(round: Round) -> int:  # noqa: A002  (the word of the domain)
    """By which rounds are sorted: where something happens now comes first."""
    return ORDER.index(State(round.state))


def _rounds(organisation: Organisation) -> Iterator[Round]:
    if organisation.kind == Kind.HOST:
        yield from rounds_of_host(organisation)
    else:
        yield from (party.round for party in invitations_of(organisation).filter(accepted_at__isnull=False))


def _standing(organisation: Organisation, round: Round) -> Standing:  # noqa: A002  (the word of the domain)
    at = [organisation.slug, round.slug]
    links = []
    if round.state in WITH_GIFTS:
        links.append(Link(_("Follow the gifts"), reverse("round-watch", args=at)))
    if round.state in WITH_RESULTS:
        links.append(Link(_("Results"), reverse("results", args=[round.slug])))
    if round.state in WITH_RESULTS and organisation.kind == Kind.FUNDER:
        links.append(Link(_("Your statement"), reverse("funder-statement", args=at)))
    return Standing(
        round=round,
        state=STATES[State(round.state)],
        sentence=_sentence(round),
        url=reverse("workspace-round", args=at),
        links=links,
    )


def _sentence(round: Round) -> str:  # noqa: A002, PLR0911  (a sentence for each state)
    match State(round.state):
        case State.DRAFT:
            return _("Nothing of it is public yet.")
        case State.APPLICATIONS if round.applications_close_at:
            return _("Projects can apply until {moment}.").format(moment=moment(round.applications_close_at))
        case State.APPLICATIONS | State.SELECTION if round.giving_opens_at:
            return _("Giving begins on {moment}.").format(moment=moment(round.giving_opens_at))
        case State.GIVING if round.giving_closes_at:
            return _("People can give until {moment}.").format(moment=moment(round.giving_closes_at))
        case State.CALLED_OFF:
            return _("Every gift goes back to who gave it.")
        case _ if round.giving_closes_at:
            ended = date_format(localtime(round.giving_closes_at), "DATE_FORMAT")
            return _("Giving ended on {moment}.").format(moment=ended)
        case _:
            return ""
