"""What visitors do with their basket."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.postgresql.asking import ask
from abonde.core.prepared import insert_unless_there, prepared
from abonde.core.transitions import NotNow
from abonde.giving.models import Basket, BasketLine
from abonde.matching.amounts import Cents, Euros
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.projects.models import Attachment, AttachmentKind, Project
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.queries import is_open_for_gifts
from abonde.rounds.states import State as RoundState

_PUT: Final = """
    WITH kept AS (
        UPDATE giving_basket SET version = version + 1
        WHERE id = %s AND %s <= clock_timestamp() AND clock_timestamp() < %s
        RETURNING id
    )
    INSERT INTO giving_basketline (basket_id, project_id, amount) SELECT id, %s, %s FROM kept
    ON CONFLICT (basket_id, project_id) DO UPDATE SET amount = EXCLUDED.amount
    RETURNING id"""
"""What everyone does most often, in one question: whole by itself, and nothing where the basket is gone or the time is over."""


def basket_of(round: Round, *, person: Person | None, basket_id: UUID | None) -> Basket | None:  # noqa: A002
    """The person's basket, or else that of the browser; None where nothing was ever put in."""
    if person is not None:
        return _of_person.first(round.pk, person.pk)
    return Basket.objects.filter(round=round, pk=basket_id, person=None).first() if basket_id else None


@prepared
def _of_person(round_: int, person: UUID) -> QuerySet[Basket]:
    return Basket.objects.filter(round=round_, person=person)


def lines_of(basket: Basket) -> list[BasketLine]:
    """What the basket holds, each with its project and its `picture`, in the order in which they were put in.

    The picture, if there is one, is the number and the size of the project's first (`pk`, `width`, `height`).
    """
    return _lines(basket.pk)


@prepared
def _lines(basket: UUID) -> QuerySet[BasketLine]:
    # Stories and texts stay in the database: a basket names its projects.
    lines = BasketLine.objects.filter(basket=basket).select_related("project").order_by("id")
    pictures = Attachment.objects.filter(project=OuterRef("project"), kind=AttachmentKind.IMAGE)
    first = pictures.order_by("position", "pk").values(
        found=JSONObject(pk="pk", width="small_width", height="small_height")
    )[:1]
    return lines.annotate(picture=Subquery(first)).defer("project__story", "project__ties")


@atomic
def basket_for(round: Round, *, person: Person | None, basket_id: UUID | None) -> Basket:  # noqa: A002
    """The basket to put something in, made where there is none."""
    found = basket_of(round, person=person, basket_id=basket_id)
    if found is not None:
        return found
    made = Basket(round=round, person=person)
    if insert_unless_there(made):
        return made
    return Basket.objects.get(round=round, person=person)  # another tab of the same person was quicker


def put_in_basket(*, basket: Basket, project: Project, amount: Cents) -> None:
    """Put a project in, or change its amount (cents). Raises NotNow, Refusal.

    It looks at the round and the state that the project came with; checking out looks again, by what holds then.
    """
    round_ = project.round
    check_amount(round_, amount)
    if project.round_id != basket.round_id or project.state != State.SELECTED:
        raise NotNow("{project} does not take gifts.", project=project.name)
    opens, closes = round_.giving_opens_at, round_.giving_closes_at
    if round_.state == RoundState.GIVING and ask(_PUT, [basket.pk, opens, closes, project.pk, amount]):
        return
    if not is_open_for_gifts(round_, present_time()):
        raise closed(round_)
    raise NotNow(
        "Your basket was joined to that of your account meanwhile: put {project} in once more.",
        project=project.name,
    )


@atomic
def take_out(*, basket: Basket, project: Project) -> None:
    """Take a project out; taken out twice is out."""
    Basket.objects.select_for_update().filter(pk=basket.pk).first()
    if BasketLine.objects.filter(basket=basket, project=project).delete()[0]:
        _changed(basket)


@atomic
def join_baskets(*, person: Person, basket_id: UUID) -> None:
    """Whoever logs in keeps what the browser's basket held; where both have a project, the browser's amount is newer."""
    loose = Basket.objects.select_for_update().filter(pk=basket_id, person=None).first()
    if loose is None:
        return
    own = basket_for(loose.round, person=person, basket_id=None)
    _changed(own)
    for line in loose.lines.all():
        BasketLine.objects.update_or_create(
            basket=own, project_id=line.project_id, defaults={"amount": line.amount}
        )
    loose.delete()


def check_amount(round: Round, amount: int) -> None:  # noqa: A002
    """Raises Refusal unless the round takes gifts of so many cents to one project."""
    if not round.smallest_gift <= amount <= round.largest_gift:
        raise Refusal(
            "Give between {smallest} and {largest} to a project.",
            smallest=Euros(round.smallest_gift),
            largest=Euros(round.largest_gift),
        )


def closed(round: Round) -> NotNow:  # noqa: A002
    """What is said to those who come too early or too late."""
    return NotNow(
        "{round} does not take gifts at this moment. Your basket is kept, and nothing has been paid.",
        round=round.name,
    )


def _changed(basket: Basket) -> bool:
    """Raise the basket's version, which locks it until the commit; whether it is still there."""
    return bool(Basket.objects.filter(pk=basket.pk).update(version=F("version") + 1))
