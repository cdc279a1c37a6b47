"""Rounds of the past: set up and signed as people do it, with a calendar that a host could no longer choose today."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.transaction import atomic

from abonde import territories
from abonde.demonstration.cast import CERTIFIER, FUNDERS, HOST, Cast
from abonde.demonstration.plan import TERRITORY, PlannedRound
from abonde.funds.actions import add_pot, open_fund, propose_agreement, receive_instalment, sign_agreement
from abonde.funds.models import Instalment
from abonde.register.actions import open_register
from abonde.register.models import Register, Strategy
from abonde.rounds.actions import accept_party, create_round, invite_party, sign_text
from abonde.rounds.models import Challenge, Round, SignedText, Subject
from abonde.rounds.moving import move
from abonde.rounds.queries import signers_of
from abonde.rounds.rules_text import rules_text
from abonde.rounds.states import State

EARMARKS: Final = (
    ("Pour tous les projets", ""),
    ("Pour bien manger, ici", "alimentation"),
    ("Pour le vivant", "vivant"),
)


def inhabitants(cast: Cast) -> Register:
    """The register of the demonstration: one account, one voice."""
    return open_register(
        person=cast.people["certificateur"],
        organisation=cast.organisations[CERTIFIER],
        strategy=Strategy.OPEN,
        name="Habitantes et habitants des vallons",
    )


@atomic
def set_up(cast: Cast, plan: PlannedRound, register: Register, *, now: datetime) -> Round:
    """A draft with everything that a round needs, pots under signed agreements included."""
    director = cast.people["directrice"]
    round_ = create_round(person=director, host=cast.organisations[HOST], name=plan.name, slug=plan.slug)
    moments = [
        (now + timedelta(days=days)).replace(hour=8, minute=0, second=0, microsecond=0) for days in plan.days
    ]
    (
        round_.applications_open_at,
        round_.applications_close_at,
        round_.giving_opens_at,
        round_.giving_closes_at,
    ) = moments
    round_.summary = plan.summary
    round_.description = plan.description
    round_.territory = list(territories.territory([TERRITORY]).codes)
    round_.register = register
    round_.has_selection = plan.has_selection
    round_.objection_days = plan.objection_days
    round_.save_edit(director.actor)
    Challenge.objects.bulk_create(
        Challenge(round=round_, key=key, name=name, question=question, position=position)
        for position, (key, (name, question)) in enumerate(plan.challenges.items())
    )
    for slug in (CERTIFIER, *FUNDERS):
        party = invite_party(person=director, round=round_, organisation=cast.organisations[slug])
        accept_party(person=cast.people[_agent(slug)], party_id=party.pk)
    if plan.state != State.DRAFT:
        _endow(cast, plan, round_)
    return round_


def _endow(cast: Cast, plan: PlannedRound, round_: Round) -> None:
    """A pot for everything from the first funder, and one for a challenge from each of the others."""
    treasurer = cast.people["tresoriere"]
    fund = open_fund(person=treasurer, round=round_)
    challenges = {challenge.key: challenge for challenge in round_.challenges.all()}
    for slug, (name, key), amount in zip(FUNDERS, EARMARKS, plan.fund, strict=False):
        pot = add_pot(person=treasurer, fund=fund, name=name, challenge=challenges[key] if key else None)
        agreement = propose_agreement(
            person=treasurer, pot=pot, funder=cast.organisations[slug], amount=amount
        )
        sign_agreement(person=cast.people[_agent(slug)], agreement_id=agreement.pk)
        for instalment in Instalment.objects.filter(agreement=agreement):
            receive_instalment(person=treasurer, instalment_id=instalment.pk)


@atomic
def open_signed(cast: Cast, round_: Round) -> None:
    """The trio signs the rules, and the round opens for applications."""
    written = rules_text(round_)
    text = SignedText.objects.create(
        round=round_,
        subject=Subject.RULES,
        text=written.text,
        canonical=written.canonical,
        sha256=written.sha256,
    )
    sign_all(cast, round_, text)
    locked = Round.locked(round_.pk, seen=None)
    locked.opened_with = text
    locked.save(update_fields=["opened_with"])
    move(round=locked, state=State.APPLICATIONS, person=cast.people["directrice"], verb="open_round")


def sign_all(cast: Cast, round_: Round, text: SignedText) -> None:
    """Every organisation of the trio signs."""
    for organisation in signers_of(round_):
        sign_text(person=cast.people[_agent(organisation.slug)], organisation=organisation, text=text)


def _agent(organisation: str) -> str:
    return {
        HOST: "directrice",
        CERTIFIER: "certificateur",
        FUNDERS[0]: "mutuelle",
        FUNDERS[1]: "banque",
        FUNDERS[2]: "famille",
    }[organisation]
