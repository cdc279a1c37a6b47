"""A participatory budget that was really voted on, played as a round: points are gifts, the vote goes to its final result."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.text import slugify

from abonde.core.clock import present_time
from abonde.demonstration.cast import Cast
from abonde.demonstration.crowd import Giver
from abonde.demonstration.history import give
from abonde.demonstration.loading import finish, go_to
from abonde.demonstration.opening import open_signed, set_up
from abonde.demonstration.plan import PlannedRound
from abonde.demonstration.projects import WrittenProject, apply
from abonde.engines.files.pabulib import Election
from abonde.matching.amounts import Cents
from abonde.matching.pots import Project
from abonde.matching.refusal import Refusal
from abonde.projects.states import State as ProjectState
from abonde.register.models import Register, Strategy
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result

LONGEST_SLUG: Final = 60
LONGEST_NAME: Final = 110
DAYS: Final = (-120, -90, -60, -1)


def play(cast: Cast, election: Election, *, name: str, point_value: Cents, pot: Cents) -> Round:
    """The round of an election, with every ballot as one check-out of a certified person, up to its final result.

    A point is worth `point_value` cents, and one funder brings one pot of `pot` cents. Raises Refusal where the round is
    there already, or where the file's projects have names that no address can hold.
    """
    slug = slugify(name)[:LONGEST_SLUG] or "vote"
    if Round.objects.filter(slug=slug).exists():
        raise Refusal("The demonstration already holds a round made from {name}.", name=name)
    now = present_time()
    plan = PlannedRound(
        slug=slug,
        name=(election.description or name)[:LONGEST_NAME],
        summary=f"Le vote « {name} », rejoué : chaque point vaut {point_value / 100:g} €.",
        state=State.FINAL,
        days=DAYS,
        projects=slice(0, 0),
        fund=(pot,),
        objection_days=0,
        challenges={},
        description="Un budget participatif réellement voté, rejoué comme une campagne.",
    )
    register = Register.objects.filter(owner=cast.organisations["pays-des-vallons"], strategy=Strategy.OPEN)[
        0
    ]
    round_ = set_up(cast, plan, register, now=now)
    open_signed(cast, round_)
    round_.refresh_from_db()
    written = [_written(project) for project in election.projects.values()]
    apply(cast, round_, written, (ProjectState.SELECTED,), at=now + timedelta(days=DAYS[1]))
    go_to(round_, State.GIVING)
    give(round_, _givers(election, point_value), until=now)
    go_to(round_, State.CLOSED)
    compute_result(round=round_, reason="Tous les bulletins sont dépouillés.")
    finish(cast, round_, State.FINAL)
    return round_


def _givers(election: Election, point_value: Cents) -> list[Giver]:
    voters = [(voter, ballot) for voter, ballot in election.ballots.items() if any(ballot.values())]
    return [
        Giver(
            number=number,
            name="",
            has_voice=True,
            moment=0.99 * number / len(voters),
            gifts={project: Cents(points * point_value) for project, points in ballot.items() if points},
        )
        for number, (_, ballot) in enumerate(voters)
    ]


def _written(project: Project) -> WrittenProject:
    if slugify(project.key) != project.key:
        raise Refusal(
            "The project {key} cannot have a page: its name holds more than small letters, digits and hyphens.",
            key=project.key,
        )
    need = project.need or Cents(1)
    title = project.name or project.key
    return WrittenProject(
        key=project.key,
        name=title[:LONGEST_NAME],
        challenge="",
        summary=title,
        story=title,
        need=(need, need),
        draws=1,
        budget=((title[:LONGEST_NAME], need),),
    )
