"""What visitors do with their basket."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.giving.models import Basket, BasketLine
from abonde.matching.amounts import Cents, euros_of_cents
from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.queries import is_open_for_gifts


def basket_of(round: Round, *, person: Person | None, basket_id: UUID | None) -> Basket | None:  # noqa: A002
    """The person's basket, or else that of the browser; None where nothing was ever put in."""
    baskets = Basket.objects.filter(round=round)
    if person is not None:
        return baskets.filter(person=person).first()
    return baskets.filter(pk=basket_id, person=None).first() if basket_id else None


@atomic
def basket_for(round: Round, *, person: Person | None, basket_id: UUID | None) -> Basket:  # noqa: A002
    """The basket to put something in, made where there is none."""
    found = basket_of(round, person=person, basket_id=basket_id)
    if found is not None:
        return found
    try:
        with atomic():
            return Basket.objects.create(round=round, person=person)
    except IntegrityError:  # another tab of the same person was quicker
        return Basket.objects.get(round=round, person=person)


@atomic
def put_in_basket(*, basket: Basket, project: Project, amount: Cents) -> None:
    """Put a project in, or change its amount (cents). Raises NotNow, Refusal.

    It looks at the round and the state that the project came with; checking out looks again, by what holds then.
    """
    round_ = project.round
    check_amount(round_, amount)
    if project.round_id != basket.round_id or project.state != State.SELECTED:
        raise NotNow("{project} does not take gifts.", project=project.name)
    if not is_open_for_gifts(round_, present_time()):
        raise closed(round_)
    if not _changed(basket):
        raise NotNow(
            "Your basket was joined to that of your account meanwhile: put {project} in once more.",
            project=project.name,
        )
    BasketLine.objects.bulk_create(
        [BasketLine(basket=basket, project=project, amount=amount)],
        update_conflicts=True,
        unique_fields=["basket", "project"],
        update_fields=["amount"],
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
            "Give between {smallest} € and {largest} € to a project.",
            smallest=euros_of_cents(Cents(round.smallest_gift)),
            largest=euros_of_cents(Cents(round.largest_gift)),
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
