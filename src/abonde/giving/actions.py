"""What is done with gifts: checked out, settled, failed, taken back. Each action is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.editing import ChangedMeanwhile
from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.giving.baskets import (
    basket_for,
    basket_of,
    check_amount,
    closed,
    join_baskets,
    put_in_basket,
    take_out,
)
from abonde.giving.models import (
    CONTRIBUTION_TRANSITIONS,
    Basket,
    BasketLine,
    Contribution,
    ContributionState,
    Pledge,
)
from abonde.giving.rebuilding import measure_links, rebuild_totals
from abonde.giving.totals import add_money, refresh_person
from abonde.matching.refusal import Refusal, Refusals
from abonde.people.models import Person
from abonde.projects.states import State
from abonde.rounds.queries import is_open_for_gifts

__all__ = (
    "basket_for",
    "basket_of",
    "bring_back_contributions",
    "checkout",
    "fail_contributions",
    "join_baskets",
    "mark_paid",
    "measure_links",
    "put_in_basket",
    "rebuild_totals",
    "refresh_person",
    "settle_contributions",
    "take_back_contributions",
    "take_out",
)


@atomic
def checkout(*, person: Person, basket: Basket, seen: int) -> Pledge:
    """Pledge what is in the basket, as the person saw it in version `seen`. Pressed twice, it is the same pledge.

    The database's clock decides whether the round still takes gifts. Raises NotNow, ChangedMeanwhile, Refusals.
    """
    locked = Basket.objects.select_for_update(of=("self",)).select_related("round__host").get(pk=basket.pk)
    if locked.person_id != person.pk:
        raise NotNow("This basket belongs to another account.")
    made = Pledge.objects.filter(basket=locked, basket_version=seen).first()
    if made is not None:
        return made
    if locked.version != seen:
        raise ChangedMeanwhile(
            "Your basket has changed since this page was opened, perhaps in another tab. Look at it once more, then pay."
        )
    round_ = locked.round
    if not is_open_for_gifts(round_, present_time()):
        raise closed(round_)
    lines = list(locked.lines.select_related("project"))
    _check(locked, lines)
    pledge = Pledge.objects.create(
        round=round_,
        person=person,
        basket=locked,
        basket_version=seen,
        amount=sum(line.amount for line in lines),
    )
    Contribution.objects.bulk_create(
        Contribution(pledge=pledge, project=line.project, amount=line.amount) for line in lines
    )
    record_event(
        actor=person.actor,
        verb="check_out",
        subject=pledge,
        after={"cents": pledge.amount, "lines": len(lines)},
        tenant=round_.host.reference,
    )
    return pledge


@atomic(savepoint=False)
def settle_contributions(*, pledge: Pledge) -> dict[str, int]:
    """The money is there: what the pledge promised counts from now on, and leaves the basket.

    Gives the cents by project key, for the book; empty where all was settled before.
    """
    moved = _move(
        pledge,
        pledge.contributions.filter(state__in=_before(ContributionState.SETTLED)),
        ContributionState.SETTLED,
        sign=1,
    )
    if moved:
        _empty_basket(pledge)
    return moved


@atomic(savepoint=False)
def mark_paid(*, pledge: Pledge) -> None:
    """The money is on its way and may still be refused: it does not count yet."""
    for contribution in pledge.contributions.filter(state=ContributionState.PLEDGED).select_for_update():
        contribution.state = ContributionState.PAID
        contribution.save(update_fields=["state"])


@atomic(savepoint=False)
def fail_contributions(*, pledge: Pledge) -> None:
    """No money came: the promise is over. The basket was never emptied."""
    waiting = pledge.contributions.filter(state__in=_before(ContributionState.FAILED))
    for contribution in waiting.select_for_update():
        contribution.state = ContributionState.FAILED
        contribution.save(update_fields=["state"])


@atomic(savepoint=False)
def take_back_contributions(
    *, pledge: Pledge, state: ContributionState, only: Iterable[int] | None = None
) -> dict[str, int]:
    """Money has gone back to its giver (REFUNDED), or was contested (CHARGED_BACK): it no longer counts.

    `only` names some contributions by number. Gives the cents by project key.
    """
    rows = pledge.contributions.filter(state=ContributionState.SETTLED)
    return _move(pledge, rows if only is None else rows.filter(pk__in=list(only)), state, sign=-1)


@atomic(savepoint=False)
def bring_back_contributions(*, pledge: Pledge) -> dict[str, int]:
    """A dispute was won: what was charged back counts again. Gives the cents by project key."""
    rows = pledge.contributions.filter(state=ContributionState.CHARGED_BACK)
    return _move(pledge, rows, ContributionState.SETTLED, sign=1)


def _move(
    pledge: Pledge, rows: QuerySet[Contribution], state: ContributionState, *, sign: int
) -> dict[str, int]:
    # The condition on the state stands in the locking query itself: who waited for the lock looks at it again.
    contributions = list(
        rows.select_for_update(of=("self",)).select_related("project").order_by("project_id")
    )
    if contributions:
        changes: dict[str, object] = {"state": state}
        if state == ContributionState.SETTLED:
            changes["settled_at"] = TransactionNow()
        Contribution.objects.filter(pk__in=[one.pk for one in contributions]).update(**changes)
        add_money(
            round=pledge.round,
            person_id=pledge.person_id,
            moved={one.project_id: sign * one.amount for one in contributions},
        )
    return {one.project.key: one.amount for one in contributions}


def _before(state: ContributionState) -> list[ContributionState]:
    return [
        before
        for before, followers in CONTRIBUTION_TRANSITIONS.items()
        if state in followers and before != ContributionState.CHARGED_BACK
    ]


def _empty_basket(pledge: Pledge) -> None:
    basket = pledge.basket_id
    if basket is None:
        return
    paid = pledge.contributions.filter(project=OuterRef("project"), amount=OuterRef("amount"))
    if BasketLine.objects.filter(Exists(paid), basket=basket).delete()[0]:
        Basket.objects.filter(pk=basket).update(version=F("version") + 1)


def _check(basket: Basket, lines: list[BasketLine]) -> None:
    problems: list[Refusal] = []
    if not lines:
        problems.append(Refusal("Your basket is empty: choose a project first."))
    for line in lines:
        if line.project.state != State.SELECTED:
            problems.append(
                Refusal(
                    "{project} has been withdrawn: take it out of your basket to go on.",
                    project=line.project.name,
                )
            )
            continue
        try:
            check_amount(basket.round, line.amount)
        except Refusal as refusal:
            problems.append(refusal)
    if problems:
        raise Refusals(problems)
